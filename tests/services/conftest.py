from tests.services.desk_fixtures import database, desk, seeded_file

__all__ = ["database", "desk", "seeded_file"]
