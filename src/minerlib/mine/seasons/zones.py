"""Where in a zone's day and week a moment lies: people keep to the hours on their wall, not to UTC."""

from zoneinfo import ZoneInfo

import polars as pl

from minerlib.errors import SettingError


def check_zone(zone: str) -> str:
    """The zone, where it is one. Raises SettingError where it is not."""
    try:
        ZoneInfo(zone)
    except (ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError
        pass
    except KeyError:
        pass
    else:
        return zone
    raise SettingError(f"There is no time zone {zone!r}: write one like Europe/Berlin, America/New_York or UTC.")


def zoned(frame: pl.DataFrame, zone: str = "UTC") -> pl.DataFrame:
    """The frame with `cell`, the hour of week (0 to 167, Monday 0:00 first), and `day`, the local date in days.

    `time` is UTC, in µs or as moments; it is given back as it was. Raises SettingError for a zone that is not known.
    """
    time = pl.col("time")
    dtype = frame.schema["time"]
    if isinstance(dtype, pl.Datetime):
        time = time.dt.replace_time_zone("UTC") if dtype.time_zone is None else time
    else:
        time = time.cast(pl.Int64).cast(pl.Datetime("us", "UTC"))
    local = time.dt.convert_time_zone(check_zone(zone))
    return frame.with_columns(
        ((local.dt.weekday().cast(pl.Int32) - 1) * 24 + local.dt.hour()).alias("cell"),
        local.dt.date().cast(pl.Int32).alias("day"),
    )
