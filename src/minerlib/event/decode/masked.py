"""What OpenStack's services say that nobody may keep: passwords, tokens, keys."""

import re
from typing import Any

# as oslo_utils.strutils.mask_dict_password knows them: names that contain one of these
_SECRET = re.compile(
    "password|passphrase|admin_?pass|new_?pass|sys_pswd|token|secret|configdrive|(encrypted|private)_key|sslkey|fernetkey"
    "|rabbitcookie|keystonecredential|barbicansimplecryptokek|swifthashsuffix|migrationsshkey|octaviaheartbeatkey"
    "|cephclusterfsid|ceph(client|admin|rgw|mds|mon|manilaclient)key|pacemakerremoteauthkey|designaterndckey"
    "|heatauthencryptionkey",
    re.IGNORECASE,
)
MASK = "***"


def mask(body: dict[str, Any]) -> dict[str, Any]:
    """The body itself, with MASK for what has the name of a secret, at any depth; true, false and null stay.

    >>> mask({"_context_auth_token": "gAAAA", "args": [{"new_pass": "hunter2", "reset_password": True}]})
    {'_context_auth_token': '***', 'args': [{'new_pass': '***', 'reset_password': True}]}
    """
    left: list[Any] = [body]
    while left:
        one = left.pop()
        for place, value in one.items() if isinstance(one, dict) else enumerate(one):
            if isinstance(place, str) and _SECRET.search(place):
                if not isinstance(value, bool) and value is not None:
                    one[place] = MASK
            elif isinstance(value, (dict, list)):
                left.append(value)
    return body
