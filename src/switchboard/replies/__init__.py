"""What automation may say: written from passages and profile, checked before it leaves."""
