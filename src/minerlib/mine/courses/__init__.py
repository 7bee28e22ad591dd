"""Where values go: buckets of time, slopes, and changes of course."""
