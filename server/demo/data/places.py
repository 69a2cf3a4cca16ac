"""The demo's places: one site, its floors, three lobbies, desks, twelve departments, six wards."""

SITE = ("place:hospital", "青屿市医院")

# id, name
FLOORS = (
    ("place:floor-1", "门诊 1 楼"),
    ("place:floor-2", "门诊 2 楼"),
    ("place:floor-3", "门诊 3 楼"),
    ("place:floor-4", "门诊 4 楼"),
    ("place:floor-5", "住院 5 楼"),
    ("place:floor-6", "住院 6 楼"),
    ("place:floor-7", "住院 7 楼"),
)
# id, name, floor
LOBBIES = (
    ("place:lobby-1", "门诊大厅", "place:floor-1"),
    ("place:lobby-2", "急诊大厅", "place:floor-1"),
    ("place:lobby-3", "住院大厅", "place:floor-5"),
)
# id, name, inside
DESKS = (
    ("place:triage", "分诊台", "place:lobby-1"),
    ("place:enquiry", "咨询台", "place:lobby-1"),
    ("place:registration", "挂号处", "place:lobby-1"),
    ("place:cashier", "收费处", "place:lobby-1"),
    ("place:pharmacy", "药房", "place:lobby-1"),
    ("place:laboratory", "检验科", "place:floor-1"),
    ("place:imaging", "放射科", "place:floor-1"),
    ("place:infusion", "输液室", "place:floor-1"),
    ("place:admission", "住院处", "place:lobby-3"),
)
# key, department, floor, consulting rooms
DEPARTMENTS = (
    ("guke", "骨科", "place:floor-2", 3),
    ("neifenmi", "内分泌", "place:floor-2", 3),
    ("yanke", "眼科", "place:floor-2", 2),
    ("erke", "儿科", "place:floor-2", 3),
    ("xinnei", "心内科", "place:floor-3", 3),
    ("huxi", "呼吸内科", "place:floor-3", 2),
    ("xiaohua", "消化内科", "place:floor-3", 3),
    ("shenjing", "神经内科", "place:floor-3", 2),
    ("puwai", "普外科", "place:floor-4", 3),
    ("fuke", "妇科", "place:floor-4", 2),
    ("pifu", "皮肤科", "place:floor-4", 2),
    ("kouqiang", "口腔科", "place:floor-4", 2),
)
# key, name, floor, beds
WARDS = (
    ("bone", "骨科病区", "place:floor-5", 40),
    ("surgery", "普外病区", "place:floor-5", 40),
    ("heart", "心内病区", "place:floor-6", 40),
    ("digestion", "消化病区", "place:floor-6", 40),
    ("nerves", "神经内科病区", "place:floor-7", 40),
    ("women", "妇科病区", "place:floor-7", 40),
)


# Wards whose beds the house has told one by one, and how many.
BEDS = {"bone": 12, "surgery": 9}


def places() -> list[tuple[str, dict[str, object]]]:
    """Return (id, fields) of every place, each after the one that it is inside of."""
    listed: list[tuple[str, dict[str, object]]] = [(SITE[0], {"name": SITE[1], "kind": "site"})]
    listed += [(i, {"name": n, "kind": "floor", "inside": SITE[0]}) for i, n in FLOORS]
    listed += [(i, {"name": n, "kind": "lobby", "inside": f}) for i, n, f in LOBBIES]
    listed += [(i, {"name": n, "kind": "desk", "inside": f}) for i, n, f in DESKS]
    for key, name, floor, rooms in DEPARTMENTS:
        area = f"place:{key}"
        fields: dict[str, object] = {"kind": "area", "inside": floor, "department": name}
        listed.append((area, {"name": f"{name}候诊区", **fields}))
        for number in range(1, rooms + 1):
            fields = {"kind": "room", "inside": area, "department": name}
            listed.append((f"{area}-{number}", {"name": f"{name} {number} 诊室", **fields}))
    for key, name, floor, beds in WARDS:
        fields = {"name": name, "kind": "ward", "inside": floor, "beds": beds}
        listed.append((f"place:ward-{key}", fields))
        listed += _beds(key)
    return [(place, {**fields, "order": n}) for n, (place, fields) in enumerate(listed)]


def _beds(ward: str) -> list[tuple[str, dict[str, object]]]:
    """Return the beds of a ward, where the house has told them."""
    fields: dict[str, object] = {"kind": "bed", "inside": f"place:ward-{ward}"}
    numbers = range(1, BEDS.get(ward, 0) + 1)
    return [(f"place:ward-{ward}-b{n}", {"name": f"{n} 床", **fields}) for n in numbers]
