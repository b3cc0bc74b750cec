"""One file for each kind of work: runs both sides, compares their answers, gives the rows of a table."""
