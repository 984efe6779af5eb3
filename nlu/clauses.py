"""What stands around a span of time in a message, and whether the span is the complaint's or another subject's."""

from __future__ import annotations

import re

from nlu.dates import BEGAN
from nlu.numbers import rank_at, unit_at
from nlu.subjects import OWNERS, PERFECT, POINTERS, Subject

BEFORE_NOT = frozenset("every each within next another once twice thrice times time per until till by before".split())
BEFORE_NOT |= {"alternate", "maximum", "max", "how"}
"""A span behind one of these says how often, how soon or how long at a time."""

AFTER_NOT = frozenset(
    "old olds o / younger older each apart pregnant along postpartum later ahead left away off".split()
)
AFTER_NOT |= {"warranty", "notice", "sentence", "max", "maximum", "tops"}
"""A span before one of these is an age, a pause or a time to come."""

MODAL = frozenset("can could will would may might should does do did shall gonna".split())
QUESTION_OPENERS = frozenset("how when".split())
GOING_ON = frozenset("hasnt havent hadnt never wont doesnt didnt nonstop non not".split())
NOT_YET = frozenset("isnt arent wont werent not dont cant".split())
PAST = frozenset("havent hasnt hadnt worse changed spread grown times".split())
UP_TO = frozenset("from to until till".split())
LEADING = frozenset("in behind with at as on into without".split())
STATING = frozenset("for since over meant mean its been lasted going off not no".split())
LIVING = frozenset("my his her our their your".split())
PREGNANT_WEEK = 80
"""Days: a later week, the thirteenth say, that somebody is in is one of a pregnancy."""

TOLD_OF = frozenset("that this it was were is about like maybe some over almost nearly around roughly".split())
USED_UP = re.compile(
    r"\b(?:no (?:use|effect|luck|change|difference)|nothing|doesnt help|later|used up|useless|in vain|empty|emptied)\b"
)
THIRD_PACK = 28
SHORT = 10.0
"""Days: a spell of fewer is one of many ("attacks lasting 2 days"), not the whole."""


class Clause(Subject):
    """What stands around one span of time."""

    def is_foreign(self) -> bool:
        """Whether the span is no duration of the complaint."""
        if self.span.kind in ("rank", "age", "packs"):
            return self._is_rank_of_other()
        if (
            self._is_frequency()
            or self._is_age()
            or self._is_future()
            or self._is_pause()
            or self._is_ago()
            or self._is_since_another()
        ):
            return True
        if self._follows_event():
            return True
        if self.following == "of":
            return not (self._about_complaint(self.after[1:6]) or self._is_remedy_in_vain(self.after[1:4]))
        if self.following in UP_TO:
            return self.after[1:2] not in (["now"], ["be"], ["today"]) or self.following == "from"
        return self._is_others() or (self.span.kind == "bare" and not self._bare_counts())

    def _is_others(self) -> bool:
        """Another subject's."""
        if self.following in LEADING and self._leads_elsewhere():
            return True
        if self._belongs_to_other() or self._has_another_subject() or self._is_without():
            return True
        return self._is_guess()

    def _is_rank_of_other(self) -> bool:
        """ "Week 4 of finals", "in my 50th year", "my son's first birthday", "two boxes of pills, how many a day"."""
        if self.span.kind == "packs":
            return not self._is_used_up()
        if self.span.kind == "age":
            return not self._complaint_has_age()
        if self.following == "of":
            return not self._about_complaint(self.after[1:4])
        if self._names_complaint(self.before + self.after[:3]) and not self._is_year_of_life():
            return False
        years = self.norms[self.span.end - 1] == "year" and self.following not in ("running", "now")
        return self._is_year_of_life() or any(map(self.hints.other, self.after[:4])) or (years and bool(self.after))

    def _is_year_of_life(self) -> bool:
        """ "In my fiftieth year", "approaching her 70th year"; "in her 32nd week"."""
        unit = unit_at(self.norms, self.span.end - 1, number=False)
        owned = self.last in LIVING and not {"it", "this"} & set(self.after[:3])
        return owned and (unit == "year" or (unit == "week" and self.span.days > PREGNANT_WEEK))

    def _complaint_has_age(self) -> bool:
        """ "The lid turns one", "happy first birthday to my lid", unlike "my lid goes on my fortieth birthday"."""
        behind = self.after[1:5] if self.following in ("of", "to", "for", "with") else []
        owned = self.last in LIVING
        told = self._names_complaint(behind or ([] if owned else self.before))
        return told and not any(map(self.hints.people, self.before + behind))

    def _is_used_up(self) -> bool:
        """Of a remedy: that it did not help, or a third pack and no question."""
        message = " ".join(self.norms)
        if self.hints.unhelped.search(message) or USED_UP.search(message):
            return not any(map(self.hints.people, self.before))
        third = self.span.days >= THIRD_PACK and rank_at(self.norms, self.span.start)
        idle = {"?", "bought", "buy", "buying", "ordered", "need"} & set(self.norms)
        return bool(third) and self._names_complaint(self.norms) and not idle

    def _is_frequency(self) -> bool:
        """How often, how soon, how long at a time; "off" and "left" are something else in "off and on", "left eye"."""
        if self.last in BEFORE_NOT and self.span.kind != "since":
            return True
        if self.last == "lasting" and self.span.days < SHORT:
            return True
        if self.following == "off":
            return self.after[1:3] != ["and", "on"]
        if self.following == "left":
            return not self._names_complaint(self.after[1:3])
        if self.following == "old":
            return self.last in OWNERS or not ("mine" in self.before or self._names_complaint(self.before))
        if self.following == "later":
            return "still" not in self.after
        return self.following in AFTER_NOT or self._is_rate()

    def _is_rate(self) -> bool:
        """ "One evening a month", "twice a week"."""
        per = self.norms[self.span.start] in ("a", "an") and unit_at(self.norms, self.span.start - 1) is not None
        rated = self.following in ("per", "every", "each") or (self.following == "a" and self.after[1:2] != ["go"])
        return per or (rated and unit_at(self.after, 1, number=False) is not None)

    def _is_age(self) -> bool:
        """An age, or the weeks of a pregnancy: "my girl 7 years", "I'm 34 weeks", "45 yrs male"."""
        if unit_at(self.norms, self.span.end - 1) in ("hour", "day", "night"):
            return False
        if self.last in ("im", "am", "at") or self.before[-2:] in (["hes", "about"], ["shes", "about"]):
            going_on = self.after[:1] in (["in"], ["into"], ["now"]) or "now" in self.before[-3:]
            return not going_on and not {"mine", "mines", *POINTERS} & set(self.before)
        year = self.norms[self.span.end - 1].startswith("y")
        if year and (self.hints.people(self.following) or self.after[:1] in (["m"], ["f"])):
            return True
        return year and (self.hints.people(self.last) or self.last in ("aged", "age", "is", "hes", "shes"))

    def _is_future(self) -> bool:
        if self.span.kind == "since":
            return False
        if self.last == "for" or "due" in self.before:
            return self.before[-2:-1] in (["booked"], ["scheduled"]) or self._is_not_yet()
        denied = {"not", "no"} & set(self.before) and {"had", "been"} & set(self.before)
        return self.last == "in" and not PAST & set(self.whole) and not denied

    def _is_not_yet(self) -> bool:
        """ "Isn't due for 2 months", "we're not moving for six weeks yet"; unlike "it won't stop for weeks"."""
        if "due" in self.before + self.after:
            return True
        if not NOT_YET & set(self.before) or any(map(self.hints.lasting_on, self.before)):
            return False
        return not any(self.hints.complaint(word) and word not in POINTERS for word in self.before)

    def _is_pause(self) -> bool:
        if GOING_ON & set(self.before[-4:]):
            return False
        if self.before[-3:-1] == ["it", "left"]:
            return True
        if self.before[-1:] == ["then"] and self.before[-2:-1] in (["more"], ["longer"], ["less"], ["over"]):
            return False  # "more then 3 weeks": a common slip for "than"
        return any(word in self.hints.pause for word in self.before[-2:]) and "since" not in self.before[-1:]

    def _is_ago(self) -> bool:
        """ "3 weeks ago" counts where something of the complaint began then."""
        if self.following not in ("ago", "back", "before"):
            return False
        clause = self.before + self.after[1:]
        if self.following == "before" and self.after[1:2] and self.after[1] in OWNERS:
            return not any(self.hints.complaint(word) and word not in POINTERS for word in clause)
        if set(self.before) <= TOLD_OF and {"still", *BEGAN} & set(self.norms):
            return False
        if len(self.before) > 1 and self.before[1] in BEGAN and self._is_unknown(self.before[0]):
            return not self._names_complaint(clause)
        if "since" in self.before[:-1]:  # since an event that long ago
            return False
        if any(self.hints.other(word) for word in clause):
            return not self._complaint_is_nearer()
        began = bool(self.hints.started & set(clause)) or "since" in clause
        return not (began or (not self.before and not self.after[1:]) or self.before == ["since"])

    def _is_since_another(self) -> bool:
        """ "Three months since my operation", "4 weeks post op", "cataract surgery, 4 weeks out"."""
        if self.following == "out":
            return len(self.after) == 1 or (
                self.after[1] == "of" and not self._names_complaint(self.before + self.after)
            )
        if self.following not in ("since", "post"):
            return False
        if any(self.hints.complaint(word) and word not in POINTERS for word in self.before + self.after[1:5]):
            return False
        return not self.hints.unhelped.search(" ".join(self.norms)) and not set(self.after) & BEGAN

    def _is_guess(self) -> bool:
        """An answer that the reader offers to a question of their own: "how long? two weeks? a month?"."""
        asked = self.norms[self.clause[1] : self.clause[1] + 1] == ["?"] and not PERFECT & set(self.before)
        if not asked or self._names_complaint(self.before + self.after):
            return False
        return bool(self.hints.asking.search(" ".join(self.norms[: self.clause[0]])))

    def _is_without(self) -> bool:
        """A time without the complaint: "no sign of it for weeks", unlike "has not stopped for weeks"."""
        text = " ".join([*self.before, "TIME", *self.after])
        if self.hints.without.search(text):
            return True
        if any(self.hints.lasting_on(word) for word in self.before + self.after):
            return False
        denial = next((at for at, word in enumerate(self.before) if word in ("no", "not", "havent", "hasnt")), None)
        if denial is None or self.span.kind == "since":
            return False
        behind = self.before[denial + 1 : denial + 4]
        return any(self.hints.complaint(word) and word not in POINTERS for word in behind) and "for" in self.before[-2:]

    def _bare_counts(self) -> bool:
        """ "weeks" without a number states a time beside "for", "since", "now" or in a statement of the complaint."""
        if any(word in ("many", "how", "much") for word in self.before[-2:]):
            return False
        if self.last in STATING:
            return not (self.last in ("last", "lasts") and GOING_ON & set(self.before))
        if self.following in ("now", "not"):
            return True
        asked = any(word in MODAL for word in self.before + self.after) or self.whole[0] in QUESTION_OPENERS | MODAL
        if asked or self.following in ("or", "?"):
            return False
        stated = self._names_complaint(self.before + self.after) or len(self.whole) <= 3
        light = not any(map(self._is_unknown, self.before + self.after))
        return (stated or light) and self.last not in ("or", "hours", "few", "some", "last", "lasts", "take", "takes")
