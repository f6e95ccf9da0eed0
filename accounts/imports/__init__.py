"""One import: a file is read, a plan is made, and all of the confirmed plan is applied."""
