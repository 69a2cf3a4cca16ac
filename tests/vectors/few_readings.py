"""A table of few characters, in the form of service_worker/build/pinyin_table.py."""

from __future__ import annotations

from service_worker.build.pinyin_table import as_text

READINGS: dict[str, tuple[str, ...]] = {
    "曾": ("ceng", "zeng"),
    "单": ("dan", "chan", "shan"),
    "仇": ("chou", "qiu"),
    "覃": ("tan", "qin"),
    "解": ("jie", "xie"),
    "查": ("cha", "zha"),
    "区": ("qu", "ou"),
    "朴": ("pu", "piao", "po"),
    "乐": ("le", "yue"),
    "尉": ("wei", "yu"),
    "迟": ("chi",),
    "万": ("wan", "mo"),
    "俟": ("si", "qi"),
    "阿": ("a",),
    "卜": ("bo", "bu"),
    "杜": ("du",),
    "热": ("re",),
    "西": ("xi",),
    "提": ("ti", "di"),
    "麦": ("mai",),
    "吕": ("lv",),
    "女": ("nv",),
    "绿": ("lv", "lu"),
    "国": ("guo",),
    "强": ("qiang",),
    "琦": ("qi",),
    "王": ("wang",),
    "田": ("tian",),
    "㛃": ("jie",),
    "欧": ("ou",),
    "阳": ("yang",),
    "医": ("yi",),
    "保": ("bao",),
    "报": ("bao",),
    "销": ("xiao",),
    "材": ("cai",),
    "料": ("liao",),
    "重": ("zhong", "chong"),
    "庆": ("qing",),
    "银": ("yin",),
    "行": ("xing", "hang"),
}
SURNAMES = {"曾": "zeng", "单": "shan", "尉": "wei", "尉迟": "yuchi", "万俟": "moqi", "覃": "qin"}


def table() -> str:
    """Return the table as both ends load it."""
    return as_text({letter: [*READINGS[letter]] for letter in sorted(READINGS)}, SURNAMES)
