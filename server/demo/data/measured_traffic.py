"""How many people come in an hour and how long they wait, measured in a real hospital.

Source: "Hospital Patient Data" (Kaggle, abdulqaderasiirii), the ten days 1-10 November 2019 of one
outpatient hospital: 21,832 visits with all three times in order. Means over the ten days; the
waits are from coming in to the doctor's room. The file itself is not part of the project.
"""

from itertools import pairwise

# Visits that begin in the hour that begins at this hour of the local day.
VISITS_AN_HOUR = {
    7: 0.6,
    8: 245.4,
    9: 303.6,
    10: 263.9,
    11: 244.3,
    12: 106.5,
    13: 30.5,
    14: 217.3,
    15: 136.6,
    16: 96.4,
    17: 16.0,
    18: 189.9,
    19: 166.4,
    20: 105.4,
    21: 39.3,
    22: 18.6,
    23: 2.5,
}
# Of a hundred people, how many waited at most so many minutes.
WAITED = (
    (0, 1.0),
    (1, 3.6),
    (5, 6.1),
    (10, 8.0),
    (20, 11.6),
    (30, 15.2),
    (40, 19.7),
    (50, 24.9),
    (60, 31.8),
    (70, 40.5),
    (80, 53.1),
    (90, 75.3),
    (95, 101.1),
    (99, 181.5),
)
# The same for the time in the doctor's room, minutes.
SEEN_FOR = (
    (0, 0.2),
    (25, 0.7),
    (50, 2.3),
    (75, 5.4),
    (90, 10.7),
    (95, 19.2),
    (99, 74.3),
)


def quantile(table: tuple[tuple[int, float], ...], hundredth: float) -> float:
    """Return the minutes at a percentile (0 to 100) of a table, interpolated linearly."""
    for (low, shorter), (high, longer) in pairwise(table):
        if hundredth <= high:
            return shorter + (longer - shorter) * (hundredth - low) / (high - low)
    return table[-1][1]
