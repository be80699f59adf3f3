"""Room: the command line.  One module a command; tracks and bars count from 1 here."""
