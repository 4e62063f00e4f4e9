"""Shows which denials, directions, sources and citations have moved, with their sentences, and writes them anew."""

import yaml

from optnotes.site.words.text import ROOT
from tests.words import balance, sources
from tests.words.facts import directions
from tests.words.twins import twins

if __name__ == "__main__":
    every = list(twins(ROOT))
    now = balance.of(every)
    for place, axes in balance.moved(now, balance.recorded()).items():
        print(f"{place}: {', '.join(axes)}")
        for twin in every:
            ru, en = directions(twin.ru, "ru"), directions(twin.en, "en")
            if balance.place_of(twin) == place and any(ru[axis] != en[axis] for axis in axes):
                print(f"    {twin.ru}\n    {twin.en}")
    then, cited = sources.recorded(), sources.found(ROOT)
    for key in sources.changed(cited, then):
        print(f"{key}: {then.get(key)} -> {cited.get(key)}")
    for path, record in ((balance.BALANCE, now), (sources.RECORD, cited)):
        text = yaml.safe_dump(record, allow_unicode=True, default_flow_style=None, width=1000, sort_keys=True)
        path.write_text(f"# Written by python -m tests.words; tests/words/{path.stem}.py says why.\n{text}", "utf-8")
