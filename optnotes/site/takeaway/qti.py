"""The drill as a package of IMS QTI 2.2, which the later 3.0 is converted from: formulas in MathML.

The answer comes as feedback to any response; whoever marks sees it beforehand. A test names the place of each item, by
page and level.
"""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import lxml.html
from lxml import etree

from optnotes.site.records.questions import LEVELS
from optnotes.site.takeaway.book import Book, Chapter, released
from optnotes.site.takeaway.boxes import Drill, drill, in_words, question_chapters, words
from optnotes.site.takeaway.epub import MATHML, zip_entry

QTI = "http://www.imsglobal.org/xsd/imsqti_v2p2"
PACKAGE = "http://www.imsglobal.org/xsd/imscp_v1p1"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
ITEM, TEST = "imsqti_item_xmlv2p2", "imsqti_test_xmlv2p2"
Place = tuple[Chapter, str, tuple[Drill, ...]]


def element(name: str, *children: etree._Element, namespace: str = QTI, **attributes: str) -> etree._Element:
    """Make an element of the standard."""
    made = etree.Element(f"{{{namespace}}}{name}", attributes, nsmap={None: namespace})
    made.extend(children)
    return made


def copied(source: lxml.html.HtmlElement, target: etree._Element) -> etree._Element:
    """Copy what HTML says into the namespaces of the package, without classes and without the TeX of formulas."""
    target.text = source.text
    for child in source:
        formula = child.tag == "math" or target.tag.startswith(f"{{{MATHML}}}")
        space = MATHML if formula else QTI
        kept = {key: value for key, value in child.items() if key == "href" or (formula and key != "class")}
        made = copied(child, etree.SubElement(target, f"{{{space}}}{child.tag}", kept, nsmap={None: space}))
        made.tail = child.tail
    etree.strip_tags(target, f"{{{MATHML}}}semantics", f"{{{QTI}}}span", f"{{{QTI}}}data")
    etree.strip_elements(target, f"{{{MATHML}}}annotation")
    return target


def assessment_item(book: Book, drilled: Drill) -> etree._Element:
    """Ask for free text and answer with the answer of the page."""
    in_words(drilled.task)
    task = [copied(part, element(part.tag)) for part in drilled.task]
    answer = [copied(part, element(part.tag)) for part in drilled.answer]
    again = [copied(part, element(part.tag)) for part in drilled.answer]
    prompt = copied(drilled.question, element("prompt"))
    shown = element("baseValue", baseType="identifier")
    shown.text = "ANSWER"
    item = element(
        "assessmentItem",
        element("responseDeclaration", identifier="RESPONSE", cardinality="single", baseType="string"),
        element("outcomeDeclaration", identifier="SCORE", cardinality="single", baseType="float"),
        element("outcomeDeclaration", identifier="FEEDBACK", cardinality="single", baseType="identifier"),
        element(
            "itemBody",
            element("rubricBlock", *again, view="scorer"),
            *task,
            element("extendedTextInteraction", prompt, responseIdentifier="RESPONSE", expectedLines="5"),
        ),
        element("responseProcessing", element("setOutcomeValue", shown, identifier="FEEDBACK")),
        element("modalFeedback", *answer, outcomeIdentifier="FEEDBACK", identifier="ANSWER", showHide="show"),
        identifier=f"drill-{drilled.id}",
        title=f"{drilled.id}. {words(drilled.question)}",
        adaptive="false",
        timeDependent="false",
    )
    item.set(LANG, book.language)
    return item


def assessment_test(book: Book, places: list[Place]) -> etree._Element:
    """Put the items in sections: a page, and within it a level."""
    part = element("testPart", identifier="drill", navigationMode="nonlinear", submissionMode="individual")
    section = part
    for chapter, level, items in places:
        number = chapter.title.partition(".")[0]
        if section.get("title") != chapter.title:
            section = element("assessmentSection", identifier=f"q{number}", title=chapter.title, visible="true")
            part.append(section)
        category = {"category": f"q{number} {level}"}
        references = (
            element("assessmentItemRef", identifier=f"drill-{item.id}", href=f"items/{item.id}.xml", **category)
            for item in items
        )
        named = {"identifier": f"q{number}-{level}", "title": book.text(f"level.{level}"), "visible": "true"}
        section.append(element("assessmentSection", *references, **named))
    return element("assessmentTest", part, identifier="optnotes", title=f"optnotes ({book.language})")


def manifest(items: list[str]) -> etree._Element:
    """List the files of the package."""

    def resource(name: str, path: str, kind: str, *needed: etree._Element) -> etree._Element:
        file = element("file", namespace=PACKAGE, href=path)
        return element("resource", file, *needed, namespace=PACKAGE, identifier=name, type=kind, href=path)

    needed = (element("dependency", namespace=PACKAGE, identifierref=f"drill-{item}") for item in items)
    version, schema = (element(name, namespace=PACKAGE) for name in ("schemaversion", "schema"))
    schema.text, version.text = "QTIv2.2 Package", "1.0.0"
    return element(
        "manifest",
        element("metadata", schema, version, namespace=PACKAGE),
        element("organizations", namespace=PACKAGE),
        element(
            "resources",
            resource("optnotes", "test.xml", TEST, *needed),
            *(resource(f"drill-{item}", f"items/{item}.xml", ITEM) for item in items),
            namespace=PACKAGE,
        ),
        namespace=PACKAGE,
        identifier=f"optnotes-{released()['version']}",
    )


def files(book: Book) -> Iterator[tuple[str, etree._Element]]:
    """Yield the files of the package; importers look for the manifest first."""
    places: list[Place] = []
    for chapter, content in question_chapters(book):
        items = list(drill(content))
        for level in LEVELS:
            chosen = tuple(item for item in items if item.level == level)
            places += [(chapter, level, chosen)] if chosen else []
    every = [item for _, _, items in places for item in items]
    yield "imsmanifest.xml", manifest([item.id for item in every])
    yield "test.xml", assessment_test(book, places)
    for item in every:
        yield f"items/{item.id}.xml", assessment_item(book, item)


def write_qti(book: Book, path: Path) -> None:
    """Write the package."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, root in files(book):
            content = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
            archive.writestr(zip_entry(name), content, zipfile.ZIP_DEFLATED)
