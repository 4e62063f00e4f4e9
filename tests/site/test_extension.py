"""The table of the extension says in which order things happen, and what it leans on in others is still there."""

import pytest

from optnotes.site.extension import PIPELINE


@pytest.mark.parametrize(("event", "handlers"), PIPELINE, ids=[event for event, _ in PIPELINE])
def test_the_handlers_of_an_event_stand_in_the_order_in_which_they_run(event, handlers):
    priorities = [each[0] if isinstance(each, tuple) else 500 for each in handlers]
    assert priorities == sorted(priorities)
