from tests.http.desk_app import client
from tests.http.site import named_site, site
from tests.services.desk_fixtures import database, desk, seeded_file

__all__ = ["client", "database", "desk", "named_site", "seeded_file", "site"]
