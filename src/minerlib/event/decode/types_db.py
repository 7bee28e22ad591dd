"""The names of values that collectd's own file `types.db` gives its types; PUTVAL says only the values."""

_NAMES = {
    "rx tx": (
        "if_dropped if_errors if_octets if_packets io_octets io_packets memcached_octets mysql_octets node_octets "
        "serial_octets"
    ),
    "read write": "arc_l2_bytes disk_latency disk_merged disk_octets disk_ops disk_time ps_disk_octets ps_disk_ops",
    "minflt majflt": "ps_pagefaults vmpage_faults",
    "shortterm midterm longterm": "load",
    "processes threads": "ps_count",
    "user syst": "ps_cputime",
    "used free": "df",
    "io_time weighted_io_time": "disk_io_time",
    "queries responses": "dns_octets",
    "in out": "vmpage_io",
    "uncompressed compressed": "compression",
    "seconds": "duration",
    "value threshold": "voltage_threshold",
    "current worst threshold pretty": "smart_attribute",
    "current target minlimit maxlimit": "arc_size",
    "demand_data demand_metadata prefetch_data prefetch_metadata": "arc_counts",
    "hits inserts not_cached lowmem_prunes queries_in_cache": "mysql_qcache",
    "running connected cached created": "mysql_threads",
}
_BY_TYPE = {word: tuple(names.split()) for names, types in _NAMES.items() for word in types.split()}
_ONE = ("value",)


def names_of(type_: str, count: int) -> tuple[str, ...]:
    """The names of a type's values; `value_1` and so on where the type is not known to have so many.

    >>> names_of("if_octets", 2), names_of("uptime", 1)
    (('rx', 'tx'), ('value',))
    """
    names = _BY_TYPE.get(type_, _ONE)
    return names if len(names) == count else tuple(f"value_{n}" for n in range(1, count + 1))


def is_name(type_: str, word: str) -> bool:
    """Whether a word is the name of a value of a type."""
    return word in _BY_TYPE.get(type_, _ONE)
