"""Vectors of the folding of texts, of what search finds records by, and of the order of names."""

from __future__ import annotations

from random import Random

from tests.vectors.generate import Case, case

# As they were typed: width, invisible letters, turned direction, dots, blanks, case.
TYPED = (
    "",
    " ",
    "\u200b",
    "\u3000\u200b\t",
    "１３８００１３８０００",
    "\u202d13800138000\u202c",
    "138 0013 8004",
    "+86 138-0013-8004",
    "郝\u200b丽华",
    "郝丽华",
    "曾　琦",
    "曾 琦",
    "张 三\n李 四",
    "古丽米热·阿不都克里木",
    "古丽米热•阿不都克里木",
    "古丽米热 . 阿不都克里木",
    "古丽米热．阿不都克里木",
    "５００",
    "Ｔ－１１３０－４７０２４２",
    "T-1130-470242",
    "John  Smith",
    "ΣΊΣΥΦΟΣ",
    "İstanbul",
    "Straße",
    "ﬁle",
    "㈱",
    "e\u0301",
    "é",
    "\u1100\u1161",
    "가",
    "𠮷田",
    "\U0002f800",
    "👩‍⚕️",
    "\ud83d",
    "a\0b",
    "a. b",
    "3.5",
    "王.小.明",
    "ab\u00adcd",
    "\u061cالعربية",
    "\ufdfa",
    "\u0130\u0307",
    "J\u030c",
    "\u01f0",
)
NUMBERS = (
    "５００",
    " 500 ",
    "-５",
    "－５",
    "-0",
    "007",
    "1,280",
    "128.50",
    "500元",
    "٣",
    "",
    "-",
    "--5",
    "1 000",
    "９９９９９９９９９９９９９９９",
    "9999999999999999",
    "五百",
    "5\u200b00",
    "²",
    "①",
)
NAMES = (
    "曾国强",
    "曾　琦",
    "单雄信",
    "仇英",
    "覃 辉",
    "解缙",
    "查良镛",
    "区楚良",
    "朴贞爱",
    "乐毅",
    "尉迟恭",
    "万俟卨",
    "尉",
    "阿卜杜热西提·麦麦提",
    "吕女绿",
    "单单单单单单",
    "曾曾曾曾曾",
    "王A8",
    "王_É",
    "𠮷田",
    "欧阳㛃珺",
    "Smith",
    "！",
    "",
    "国" * 12,
    "单国国国国国国国国国国国",
    "单" + "国" * 12,
    "国" * 70,
)
ARTICLE = (
    "医保报销需要哪些材料：医保卡、身份证。\n先到 1 楼收费处 5 号窗，核对“异地备案”；"
    "单　先生的材料（Form B-12）也在重庆银行办，电话 138 0013 8004。"
)
MARKED = (
    *(
        "报销",
        "医保 材料",
        "ybbx",
        "yibao",
        "yib",
        "YB cl",
        "y",
        "b12",
        "formb",
        "窗核对",
        "没有",
        "",
    ),
    *("重庆", "chongqing", "zq", "yh", "报  销", "138", "1380013", "ü", "，", "料医", "a b"),
)
QUESTIONS = (
    *TYPED,
    "zengguoqiang",
    "ZGQ",
    "lü",
    "8613800138004",
    "008613800138004",
    "0086",
    "86138",
    "861380013800012",
    "+86 138 0013 8004",
    "内科 王",
    "张　三",
    "T‑1130—47",
    "- 王",
)

FULL = (ARTICLE, "", "単 é_1", "国" * 70, "张 三\n李 四")


def cases() -> dict[str, list[Case]]:
    """Return the cases by module."""
    return {"text_folding": _folding(), "search_words": _search()}


def _folding() -> list[Case]:
    texts = dict.fromkeys([*TYPED, *NUMBERS, *_mixed()])
    found = []
    for call in ("folded", "is_blank", "visible", "folded_words"):
        some = texts if call == "folded" else dict.fromkeys([*TYPED, *NUMBERS])
        found += [case(f"{call} of {text!r}", call, text) for text in some]
    found += [case(f"the number in {text!r}", "whole_number", text) for text in NUMBERS]
    return found


def _mixed() -> list[str]:
    random = Random(3)
    letters = "王小A ａ\u3000\u200b·•. ．Σς㈱e\u0301\u202d5５-"
    return ["".join(random.choices(letters, k=random.randint(2, 9))) for _ in range(300)]


def _search() -> list[Case]:
    found = [case(f"what {name!r} is typed as", "pinyin_keys", "$readings", name) for name in NAMES]
    found += [case(f"where {name!r} is", "sorting_key", "$readings", name) for name in NAMES]
    found += [case(f"words of {text!r}", "search_words", "$readings", [text]) for text in TYPED]
    both = ["曾国强", "+86 138 0013-8004", "曾国强", "", "ＺＧＱ"]
    found.append(case("words of several texts", "search_words", "$readings", both))
    found += [case(f"asked {text!r}", "asked_words", text) for text in dict.fromkeys(QUESTIONS)]
    full = [
        case(f"full text {n}", "search_words", "$readings", [], [one]) for n, one in enumerate(FULL)
    ]
    found += full
    for question in MARKED:
        for most in (0, 16):
            what = f"where {question!r} is, of {most}"
            found.append(case(what, "marked", "$readings", ARTICLE, question, most))
    found.append(case("of blanks", "marked", "$readings", "医" + " " * 3_000 + "保", "医保", 8))
    for kind in ("visit", "knob", "unknown", "constructor"):
        record = {"type": kind, "name": "曾国强", "note": None, "title": "曾国强", "state": "open"}
        for call in ("searched_texts", "full_texts"):
            found.append(case(f"the {call} of a {kind}", call, "$declarations", record))
    odd = {"type": "visit", "name": ["林"], "title": "", "state": "open"}
    found.append(case("a list is no text", "searched_texts", "$declarations", odd))
    return found
