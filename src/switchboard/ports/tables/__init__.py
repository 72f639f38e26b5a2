"""What the memory of the business keeps, table by table; ``ports.store`` joins them into one transaction."""
