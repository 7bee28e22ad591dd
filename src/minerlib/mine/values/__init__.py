"""How values are distributed: counted by size, with percentiles and tails."""
