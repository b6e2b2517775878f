"""Which tests of the commands are slow: those marked so, and all of a file test_*_slow.py."""
import pytest


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: takes so long that it is not one of the fast tests")


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.stem.endswith("_slow"):
            item.add_marker(pytest.mark.slow)
