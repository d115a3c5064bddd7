"""What stands around the function: the site on this machine, and the stack in AWS."""
