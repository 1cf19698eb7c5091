from tests.http.desk_app import client
from tests.http.site import named_site, site

__all__ = ["client", "named_site", "site"]
