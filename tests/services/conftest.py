from tests.services.desk_fixtures import database, database_url, desk, seeded_file, seeded_template

__all__ = ["database", "database_url", "desk", "seeded_file", "seeded_template"]
