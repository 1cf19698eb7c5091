from tests.http.desk_app import client
from tests.http.site import named_site, site
from tests.services.desk_fixtures import database, database_url, desk, seeded_file, seeded_template

__all__ = ["client", "database", "database_url", "desk", "named_site", "seeded_file", "seeded_template", "site"]
