"""Every number that suggestions rest on, with its reason. Lengths are in panes: as long as a field is told apart."""

# Reading: the pane is as long as the field's cadence, and longer where there would be more of them than memory is for.
CELLS = 10_000_000  # panes of all instances together: ten columns of them are 800 MB
PAD = 320  # empty panes between instances: as long as the longest window, where there is room
SAMPLE = 500_000  # values that are looked at, to learn how often a field is told and whether it is a counter
SLOW = 0.9  # of an instance's values, and of the instances, are told at least once a pane: thin hours fill windows too

BIG = 1_500_000  # panes that lines are chosen on: of more instances those that may cross one, and some others
REFINED = 6  # candidates whose lines are drawn again on the instances that matter to them: as many as are looked at
OTHERS = 60  # instances taken along, whatever they did: what is usual is usual of these too

# Shapes: a window is the reading itself, what damps single readings, or an hour of five-minute readings.
MEANS = ((1, 1, 0), (1, 1, 2), (6, 1, 0), (6, 1, 6), (36, 3, 0))  # (window, step, how long it must hold) of a mean:
# each six times the one before, so that a spike, an hour and a shift of load are each seen by one
DAILY = 24  # steps of a mean over a day, in which the hours are evened out
CHANGES = (3, 12)  # the windows whose last reading is held against their first
SLOPES = (12,)  # the windows a line is fitted to: with fewer readings it follows the noise
USUALS = ((1, 0), (3, 0), (3, 3), (12, 0))  # (window, hold) of what is compared with what is usual
COUNTS = (12, 60)  # the windows in which exceedances are counted
FORECASTS = ((72, 3), (288, 12))  # (window, step) of a forecast: six hours and a day of five-minute readings; a finer
# step would add up hundreds of panes for each window, and a forecast does not change that fast
EXCEEDS = 0.98  # of the values lie below the line whose exceedances are counted: rare, but not the alert itself
TABLES = 50  # instances with tables of their own, at most: more of them nobody can read in a rule
SILENCE = 4  # cadences without an event before it is silence: a reading may be late, and the next one lost
TEXTS = 200  # different values of a text whose events are counted, at most: more are names, not states

NEAREST = 10  # instances whose values a suggestion shows: more lines nobody tells apart

# Choosing a line.
MOST = 0.05  # of the time firing; more than that is a state of affairs, not an alert
ROWS_AN_ALERT = 2_000  # windows above a line worth looking at for each alert allowed: a week of five-minute ones
FINER = 1.25  # the ratio of how many windows lie above neighbouring lines that are tried
CLEARS = (0.22, 0.28)  # of the way from the line back to what is usual: so that noise about the line does not flap
BEYOND = 0.1  # of the way from what is usual to the highest seen, above that, where the history is too short to hold
# an alert: chosen on NAB's artificial series and its AWS servers, see docs/benchmarks.md
NEAR = 0.01  # of the height itself, which that way is never shorter than: a flat line is not crossed by its last digit
REACH = 0.2  # of that way for a window as long as the history: the fewer windows, the further the next may go
FILLED = 0.5  # of the usual number of values, or a window's mean is too uncertain to learn the highest from
BOOTSTRAPS, SURE = 200, 0.9  # redrawn histories for a line's interval, and the share of them it covers

# Measuring: chosen on all before a cut, measured from there to the next.
CUTS = (0.4, 0.55, 0.7, 0.85)  # of the history: enough before the first, several to measure on
LEAST = 100, 20  # windows before a cut, to choose on, and behind it, to measure on

# Ranking: what a suggestion is worth, in points; one is a factor of two in alerts beyond what was wanted. The weights
# were chosen on the labels of every other series of benchmarks/alarms.py; docs/benchmarks.md tells how the rest fared.
OVER_BUDGET, UNDER_BUDGET = 1.0, 0.1  # a doubling of alerts wears people out; too few may be a quiet time
EXCESS = 0.5  # a tenfold height beyond the line, in spreads
APART = 0.5  # a tenfold way from what is usual to the highest seen, in spreads: there is something to tell apart
WORSE = 0.5  # the side on which a field is worse: mostly the high one
WINDOW = 0.3  # six times the window, and as much for having to hold at all: what comes late, and is slow to clear
FLAPS = 2.0  # all alerts being raised again within a window of their end
LENGTH = 0.25  # a tenfold number of numbers in the rule
PLAIN = {"constant": 0.5, "count": -0.25, "rate": 0.0, "usual": 0.25, "forecast": 0.0, "absence": -1.0}  # to read it
FALSE = 0.25  # of what a caught incident is worth, for each false alert
GOOD = {"free", "available", "avail", "idle", "remaining", "left", "success", "succeeded", "ok", "healthy", "uptime"}
# in a field's name: worse where it is low; all others are worse where they are high
