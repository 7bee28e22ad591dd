"""Text of events as a terminal may see it."""

# what moves the cursor, colours, or turns the direction of writing
CONTROL = dict.fromkeys((*range(32), 127, *range(128, 160), *range(8234, 8239), *range(8294, 8298)), "·")
