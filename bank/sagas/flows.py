"""Declared processes as Mermaid diagrams, drawn from their declarations alone."""

from collections.abc import Iterable, Iterator

from bank.context import Context
from bank.sagas.choreography import BY_HAND, Choreography
from bank.sagas.orchestration import Saga

HEAD = "<!-- Drawn by `manage.py flows` from the declaration. Do not edit. -->"


def pages(contexts: Iterable[Context]) -> dict[str, str]:
    """The text of each page by its file's name: one per declared process, and a list of them.

    What has a coordinator and is tracked under the same name is one page: what is asked, then what is seen of it.
    """
    found: dict[str, str] = {}
    for context in contexts:
        if context.deciders:
            found |= {f"{one.name.replace('_', '-')}.md": saga(context.name, one) for one in context.sagas}
            for one in context.choreographies:
                name = f"{one.name}.md"
                found[name] = f"{found[name]}\n{tracked(one)}" if name in found else choreography(one)
    listed = "\n".join(f"- [{name.removesuffix('.md')}]({name})" for name in sorted(found))
    return {**found, "README.md": f"# Processes across contexts\n\n{HEAD}\n\n{listed}\n"}


def choreography(one: Choreography) -> str:
    turned = "".join(f"\nUndone when somebody hears `{event}`.\n" for event in one.turns)
    about = f"A choreography: each context reacts to what it hears. Deadline: {one.deadline}.\n{turned}"
    return page(one.name, about, "flowchart TD", steps(one))


def tracked(one: Choreography) -> str:
    return f"## As the tracker sees it\n\n{diagram('flowchart TD', steps(one))}"


def steps(one: Choreography) -> list[str]:
    lines = [f'start(["{one.starts}"])']
    last = "start"
    for n, step in enumerate(one.steps, start=1):
        lines.append(f'step{n}["{step.event}"]')
        lines.append(f"{last} --> step{n}")
        if step.undone_by:
            lines.append(f'undo{n}["{step.undone_by}"]')
            lines.append(f"step{n} -. undone by .-> undo{n}")
        last = f"step{n}"
    for n, (event, outcome) in enumerate(one.ends.items(), start=1):
        or_by_hand = f" or {BY_HAND}" if event in one.by_hand else ""
        lines.append(f'over{n}(["{event}: {outcome}{or_by_hand}"])')
        lines.append(f"{last} --> over{n}")
    return lines


def saga(context: str, one: Saga) -> str:
    others = dict.fromkeys(step.at for step in one.steps if step.at != context)
    lines = [f"participant {name}" for name in (context, *others)]
    lines += list(forth(context, one))
    lines += [
        f"Note over {context}: completed",
        f"opt a step before the end of {one.pivot} is declined or not answered",
    ]
    lines += [f"    {line}" for line in back(context, one)]
    lines += [f"    Note over {context}: compensated", "end"]
    by_hand = [f"`{step.name}`" for step in one.steps if step.by_hand]
    about = (
        f"An orchestration in {context}: a step is asked for at most {one.limit} times, {one.timeout} after the first. "
        f"Once `{one.pivot}` is done it only goes forward. Deadline: {one.deadline}.\n\n"
        f"Where it cannot go on people may see to this by hand: {', '.join(by_hand) or 'nothing'}.\n"
    )
    return page(one.name.replace("_", "-"), about, "sequenceDiagram", lines)


def forth(context: str, one: Saga) -> Iterator[str]:
    yield f"Note over {context}: {one.begins[0]}"
    for step in one.steps:
        if step.do is None:
            yield f"Note over {step.at}: {step.name} is done at once"
        else:
            yield f"{context}->>{step.at}: {step.do[0]}"
            yield f"{step.at}-->>{context}: {step.name} done"
        if step.name == one.pivot:
            yield f"Note over {context}: from here only forward"


def back(context: str, one: Saga) -> Iterator[str]:
    for step in reversed(one.steps):
        if step.undo is not None:
            yield f"{context}->>{step.at}: {step.undo[0]}"
            yield f"{step.at}-->>{context}: {step.name} undone"


def page(title: str, about: str, kind: str, lines: Iterable[str]) -> str:
    return f"# {title}\n\n{HEAD}\n\n{about}\n{diagram(kind, lines)}"


def diagram(kind: str, lines: Iterable[str]) -> str:
    body = "\n".join(f"    {line}" for line in lines)
    return f"```mermaid\n{kind}\n{body}\n```\n"
