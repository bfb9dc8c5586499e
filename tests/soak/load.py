"""People who sign in, sit an exam, save, submit and book, on many threads, and note what they were told."""

from __future__ import annotations

import json
import queue
import random
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from tests.soak.client import Client, NoAnswer, NotSent, Reply
from tests.soak.history import History, Kind, Operation, Outcome
from tests.support.answer_key import AnswerKey
from tests.support.cast import PASSWORD
from tests.support.markup import Form, forms_of, read

EXAM = "/exams/judge/judges-exam"
ITEMS = 4
CERTAIN = frozenset({"busy", "read-only", "no-room"})  # refusals that promise that nothing was changed
LONGEST_PAUSE_SECONDS = 0.25


class Stopped(Exception):
    """The load is over."""


class Load:
    """So many people at once on one site; whoever is done makes room for the next."""

    def __init__(
        self, port: int, people: Sequence[str], class_token: str, key: AnswerKey, *, seed: str, threads: int = 8
    ) -> None:
        self.port, self.class_token, self.key, self.seed = port, class_token, key, seed
        self.history = History()
        self.failures: list[BaseException] = []
        self._stop = threading.Event()
        self._people: queue.Queue[str] = queue.Queue()
        for person in people:
            self._people.put(person)
        self._threads = [threading.Thread(target=self._live, args=(number,)) for number in range(threads)]

    @contextmanager
    def running(self) -> Iterator[History]:
        """The load, for as long as the block; its end waits until all that is on its way has come back."""
        for thread in self._threads:
            thread.start()
        try:
            yield self.history
        finally:
            self._stop.set()
            for thread in self._threads:
                thread.join()
        if self.failures:
            raise self.failures[0]

    def _live(self, number: int) -> None:
        chance = random.Random(f"{self.seed}/{number}")  # noqa: S311  # what happens, not a secret
        try:
            while not self._stop.is_set():
                person = self._people.get_nowait()
                Visit(self, person, chance).go()
                self._people.put(person)
        except (Stopped, queue.Empty):
            pass
        except BaseException as failure:  # a thread would swallow it
            self.failures.append(failure)

    def pause(self, seconds: float) -> None:
        if self._stop.wait(seconds):
            raise Stopped


class Visit:
    """One person's visit. Everything is tried until it is answered, as a page that saves by itself does."""

    def __init__(self, load: Load, person: str, chance: random.Random) -> None:
        self.load, self.person, self.chance = load, person, chance
        number = int(person.removeprefix("runner").partition("@")[0])
        self.client = Client(load.port, f"10.{chance.randrange(256)}.{number // 250}.{number % 250 + 1}")

    def go(self) -> None:
        self.try_until_told(Kind.SIGN_IN, self.person, self._sign_in)
        self._read("/account")
        if self.chance.random() < 0.5:
            self.book()
        token = self.start()
        if token:
            self.sit(token)

    def book(self) -> None:
        place = f"/classes/{self.load.class_token}/seat"
        self.try_until_told(Kind.BOOK, self.load.class_token, lambda: self.client.post(place, {}))

    def start(self) -> str:
        """The sitting's token, "" where none may begin any more."""
        reply = self.try_until_told(Kind.START, EXAM, lambda: self.client.post(EXAM, {}))
        return reply.location.rpartition("/")[2] if reply is not None and reply.status == 303 else ""

    def sit(self, token: str) -> None:
        forms = [self._form(token, position) for position in range(1, ITEMS + 1)]
        if None in forms:
            return
        numbers = dict.fromkeys(range(1, ITEMS + 1), self._first_number(forms))
        for _save in range(self.chance.randrange(2, 12)):
            self._save(token, forms, numbers, right=self.chance.random() < 0.5)
        if self.chance.random() < 0.5:
            for position in numbers:
                self._save(token, forms, numbers, right=True, position=position)
        if self.chance.random() < 0.85:
            self._submit(token, forms, numbers)

    def _save(
        self,
        token: str,
        forms: list[Form | None],
        numbers: dict[int, int],
        *,
        right: bool,
        position: int = 0,
        kind: Kind = Kind.SAVE,
    ) -> None:
        position = position or self.chance.randrange(1, ITEMS + 1)
        form = forms[position - 1]
        assert form is not None
        numbers[position] += self.chance.randrange(1, 4)
        values = tuple(self.load.key.values(form, right=right))
        fields = {"sequence": str(numbers[position]), "answer": values}
        path = f"/exams/attempts/{token}/items/{position}"
        self.try_until_told(
            kind,
            token,
            lambda: self.client.post(path, fields),
            sent=values,
            position=position,
            sequence=numbers[position],
        )

    def _submit(self, token: str, forms: list[Form | None], numbers: dict[int, int]) -> None:
        path = f"/exams/attempts/{token}/submission"
        self.try_until_told(Kind.SUBMIT, token, lambda: self.client.post(path, {}))
        self._save(token, forms, numbers, right=True, kind=Kind.LATE)

    def _form(self, token: str, position: int) -> Form | None:
        reply = self._read(f"/exams/attempts/{token}/items/{position}")
        found = [form for form in forms_of(read(reply.text)) if form.action.endswith(f"/items/{position}")]
        return found[0] if found else None

    @staticmethod
    def _first_number(forms: list[Form | None]) -> int:
        return max(int(form.fields["sequence"][0]) for form in forms if form is not None)

    def _sign_in(self) -> Reply:
        self.client.cookies.clear()
        self._read("/signin")
        return self.client.post("/signin", {"email": self.person, "password": PASSWORD})

    def _read(self, path: str) -> Reply:
        """A page, as soon as it can be had."""
        while True:
            self.load.pause(0)
            try:
                reply = self.client.get(path)
            except (NotSent, NoAnswer):
                self._wait()
                continue
            if reply.status < 500:
                return reply
            self._wait()

    def try_until_told(
        self,
        kind: Kind,
        subject: str,
        send: object,
        *,
        sent: tuple[str, ...] = (),
        position: int = 0,
        sequence: int = 0,
    ) -> Reply | None:
        """The first answer that says yes or no. Each try is an operation of its own."""
        assert callable(send)
        while True:
            self.load.pause(self.chance.random() * 0.03)
            operation = Operation(kind, self.person, subject, sent, position, sequence)
            self.load.history.invoke(operation)
            reply = told(operation, send)
            if reply is not None and reply.status < 500:
                return reply
            self._wait()

    def _wait(self) -> None:
        self.load.pause(self.chance.random() * LONGEST_PAUSE_SECONDS)


def told(operation: Operation, send: object) -> Reply | None:
    """Send it, and note what became of it as far as its sender can know."""
    assert callable(send)
    try:
        reply: Reply = send()
    except NotSent:
        operation.end(Outcome.FAIL, told="nobody listened")
        return None
    except NoAnswer:
        operation.end(Outcome.UNKNOWN, told="no answer")
        return None
    except Stopped:
        operation.end(Outcome.FAIL, told="not begun")
        raise
    code = str(problem_of(reply).get("code", ""))
    certain = reply.status < 500 or code in CERTAIN
    failed = reply.status >= 400
    outcome = Outcome.OK if not failed else Outcome.FAIL if certain else Outcome.UNKNOWN
    operation.end(outcome, status=reply.status, told=reply.text[:300] if not failed else code)
    return reply


def problem_of(reply: Reply) -> Mapping[str, object]:
    try:
        found = json.loads(reply.text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
