"""Makes the suites of the lectures tests of pytest. What they judge is in emulators/grading."""

from emulators.grading.plugin import (
    pytest_addoption,
    pytest_generate_tests,
    pytest_ignore_collect,
    pytest_pyfunc_call,
    pytest_report_header,
    pytest_report_teststatus,
    submission,
)

__all__ = [
    "pytest_addoption",
    "pytest_generate_tests",
    "pytest_ignore_collect",
    "pytest_pyfunc_call",
    "pytest_report_header",
    "pytest_report_teststatus",
    "submission",
]
