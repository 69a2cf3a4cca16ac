"""The demo's patients: names, reasons to come, questions, answers and complaints."""

from random import Random

FAMILY = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高罗郑梁谢宋唐许韩冯邓曹彭曾萧田董袁潘于蒋蔡余杜叶程"
    "苏魏吕丁任沈姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾"
    "毛郝龚邵万钱严武戚莫孔汤仇甯丌亓芈逄覃乜"
)
COMPOUND = (
    "欧阳", "司徒", "上官", "尉迟", "皇甫", "慕容", "诸葛", "夏侯", "丌官", "长孙", "令狐", "东方",
)  # fmt: skip
GIVEN = (
    "晚舟", "㛃珺", "翀", "燚", "一一", "小满", "赟", "知夏", "子涵", "建国", "秀英", "桂兰",
    "国强", "淑芬", "志强", "美玲", "浩然", "欣怡", "梓萱", "雨桐", "佳怡", "俊杰", "思远", "文博",
    "丽华", "玉珍", "凤霞", "德福", "永贵", "春生", "念慈", "书砚", "叔同", "鑫", "磊", "静",
    "敏", "婷", "昊", "㬎", "堃", "㮾", "喆", "犇", "骉", "若曦", "宛如", "守拙",
    "望舒", "疏桐", "怀瑾",
)  # fmt: skip
MINORITY = (
    "阿卜杜热西提·麦麦提吐尔逊", "古丽米热·阿不都克里木", "帕提古丽·买买提依明",
    "阿依努尔·吐尔逊巴依·阿不力米提", "乌兰图雅", "其其格", "巴特尔", "次仁拉姆", "丹增旺堆",
    "朴正焕", "金美淑", "阿的木呷", "吉克阿依", "韦桂香", "蒙阿妹", "穆罕默德·尤努斯",
)  # fmt: skip
# {department: chief complaints}
WHY: dict[str, tuple[str, ...]] = {
    "guke": ("膝盖肿，走路疼", "腰疼三天", "手腕扭伤", "骨折复查", "肩膀抬不起来"),
    "neifenmi": ("血糖高，复诊取药", "甲状腺结节", "最近瘦了十斤", "查骨密度"),
    "yanke": ("眼睛红，怕光", "看东西模糊", "配镜前散瞳", "眼压高，复查"),
    "erke": ("发热 38.9", "咳嗽一周", "拉肚子", "出疹子", "体检"),
    "xinnei": ("胸闷，上楼喘", "血压高", "心慌，做过心电图", "支架后复查"),
    "huxi": ("咳嗽有痰", "哮喘，取药", "胸片有结节", "夜里憋醒"),
    "xiaohua": ("胃疼，反酸", "约了胃镜", "肝功能复查", "便秘两周"),
    "shenjing": ("头晕", "头疼，睡不着", "手抖", "脑梗后复诊"),
    "puwai": ("换药", "甲状腺术后复查", "胆结石", "拆线"),
    "fuke": ("复查 B 超", "月经不调", "取化验单", "腹痛"),
    "pifu": ("起疹子，痒", "手上湿疹", "脱发", "痣想取掉"),
    "kouqiang": ("牙疼", "洗牙", "拔智齿", "补牙"),
}
QUESTIONS = ("只咨询，不看病", "异地报销", "取报告", "住院探视", "开证明", "找停车缴费处")
DOCTOR_SAYS = (
    "前面一位在处理伤口，还要 10 分钟。",
    "会诊，还要一刻钟。",
    "再等两位就到。",
    "在写住院证，马上叫。",
)
EXPLAINED = ("医生在处理急一点的病人，请您再坐一会儿。", "前面还有两位，大约 10 分钟。")
LEFT = ("家里有急事，改天再来", "等不了，去了别的医院", "改挂明天的号")
RESPONSES = (
    "已向病人道歉，说明当时诊室在处理急诊。",
    "电话答复，病人认可改进办法。",
    "当面答复，陪同重新挂号。",
    "告知核查结果，退回多收的 18 元。",
)
RESOLUTIONS = (
    "诊室加叫号屏，超 15 分钟由医助出来说明；病人满意。",
    "收费差错已更正退款，当事人已培训。",
    "更换轮椅并每日点检，病人满意。",
)
# words, reasons, wanted, severity, department key
COMPLAINTS: tuple[tuple[str, tuple[str, ...], tuple[str, ...], str, str], ...] = (
    (
        "我坐了四十一分钟，没有一个人过来说一句话。我不是嫌慢，是不知道还要不要等。",
        ("waiting",), ("reasons", "improvement"), "general", "guke",
    ),
    (
        "我九点二十就坐在三诊室门口了，一直没人理我。后面来的人都进去了，"
        "我去问，里面的小姑娘说“没看见你”，头都没抬。",
        ("waiting", "attitude"), ("apology", "reasons"), "general", "guke",
    ),
    (
        "同一张化验单收了两次钱，窗口说让我自己去查。",
        ("charges",), ("refund",), "general", "neifenmi",
    ),
    (
        "孩子烧到三十九度，分诊台让我们排队，急得我直哭。",
        ("waiting",), ("improvement",), "major", "erke",
    ),
    (
        "滴了散瞳药没人告诉我不能开车。",
        ("effect",), ("apology",), "general", "yanke",
    ),
    (
        "轮椅的刹车是坏的，我妈差点摔下来。",
        ("surroundings",), ("improvement",), "major", "xinnei",
    ),
    (
        "医生看了不到一分钟就让我出去。",
        ("attitude",), ("other_doctor",), "general", "xiaohua",
    ),
    (
        "厕所一上午没有纸，地上全是水。",
        ("surroundings",), ("improvement",), "general", "fuke",
    ),
    (
        "换药换了四次伤口还是红肿，问就说正常。",
        ("effect",), ("other_doctor", "reasons"), "major", "puwai",
    ),
    (
        "约的八点半，十一点才轮到。",
        ("waiting",), ("reasons",), "general", "shenjing",
    ),
    (
        "导诊指错了楼，我拄着拐多走了两层。",
        ("other",), ("apology",), "general", "huxi",
    ),
    (
        "说好能报销的药，结账说不能报。",
        ("charges",), ("reasons", "refund"), "general", "pifu",
    ),
    (
        "前台互相推，问了三个人三个说法。",
        ("attitude",), ("improvement",), "general", "kouqiang",
    ),
)  # fmt: skip


def name(rng: Random) -> str:
    """Return a patient's name: mostly short, sometimes rare, sometimes of a minority."""
    if rng.random() < 0.06:
        return rng.choice(MINORITY)
    family = rng.choice(COMPOUND) if rng.random() < 0.05 else rng.choice(FAMILY)
    return family + rng.choice(GIVEN)


def phone(rng: Random) -> str:
    """Return a mobile number that nobody has: 199 0000 and four digits."""
    return f"1990000{rng.randrange(10_000):04d}"
