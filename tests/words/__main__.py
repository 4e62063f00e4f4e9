"""Shows which facts, denials, directions and sources have moved, with their sentences to be read, and records them."""

import yaml

from optnotes.site.words.text import ROOT
from tests.words import balance, sources
from tests.words.twins import predictions, twins


def write(path, record) -> None:
    flow = False if path == balance.SEALS else None
    text = yaml.safe_dump(record, allow_unicode=True, default_flow_style=flow, width=1000, sort_keys=True)
    path.write_text(
        f"# Written by python -m tests.words; tests/words/balance.py and sources.py say why.\n{text}", "utf-8"
    )


if __name__ == "__main__":
    every = list(twins(ROOT))
    now, then = balance.of(every), balance.recorded()
    every += predictions(ROOT)
    seals, sealed = balance.seals(every), balance.sealed()
    moved = balance.moved(now, then)
    for place in sorted(moved.keys() | {place for place in seals if seals[place] != sealed.get(place)}):
        print(f"{place}: {', '.join(moved.get(place, ['facts']))}")
        for twin in every:
            if balance.place_of(twin) == place:
                print(f"    {twin.ru}\n    {twin.en}")
    cited, record = sources.found(ROOT), sources.recorded()
    for key in sources.changed(cited, record):
        print(f"{key}: {record.get(key)} -> {cited.get(key)}")
    write(balance.BALANCE, now)
    write(balance.SEALS, seals)
    write(sources.RECORD, cited)
