"""What the stories ask of the world, as protocols: every plug fulfils one, one contract suite tests each."""
