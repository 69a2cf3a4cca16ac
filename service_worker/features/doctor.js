// Screens of the doctors' directory: name, rank, department, specialty, room, hours, nurse; without a
// network (G-07).
import { Problem } from "../screens/forms.js"
import { page } from "../screens/screens.js"
import { departmentsOf, doctorsFor, labelOf } from "../models/labels.js"
import { _ } from "../base/words.js"

/** GET /floor/doctors?department=… */
export async function list(ask) {
  const model = { directory: directory(ask, ask.query.get("department") || ""), doctor: null }
  return page(ask, "features/doctor/list.html", model, { tab: "lobby" })
}

/** GET /floor/doctor/:id: the directory with one doctor beside it. */
export async function show(ask) {
  const record = ask.world.reference(`doctor:${ask.params.id}`)
  if (!record) throw new Problem(404)
  const model = {
    directory: directory(ask, ask.query.get("department") ?? record.department ?? "", record._id),
    doctor: {
      name: record.title,
      rank: rankOf(ask, record),
      active: record.active !== false,
      facts: [
        { term: ask.say(_("Department")), words: record.department || "" },
        { term: ask.say(_("Specialty")), words: record.specialty || "" },
        { term: ask.say(_("Consulting room")), words: placeOf(ask, record) },
        { term: ask.say(_("Hours")), words: record.hours || "" },
        { term: ask.say(_("Nurse")), words: record.nurse || "" },
      ],
      say: ask.say(_("This is %(rank)s %(name)s, %(specialty)s."), {
        ...{ rank: rankOf(ask, record), name: record.title, specialty: record.specialty || "" },
      }),
    },
  }
  return page(ask, "features/doctor/list.html", model, { tab: "lobby" })
}

// Private

function directory(ask, department, current = "") {
  const all = doctorsFor(ask)
  const departments = departmentsOf(ask, all)
  const shown = department ? all.filter(one => one.department === department) : all
  const query = department ? `?department=${encodeURIComponent(department)}` : ""
  return {
    count: all.length,
    back: `/floor/doctors${query}`,
    views: ["", ...departments].map(name => ({
      href: name ? `/floor/doctors?department=${encodeURIComponent(name)}` : "/floor/doctors",
      label: name || ask.say(_("All")),
      count: name ? all.filter(one => one.department === name).length : all.length,
      current: name === department,
    })),
    rows: shown.map(record => ({
      id: "doctor-" + record._id.split(":")[1],
      href: `/floor/doctor/${record._id.split(":")[1]}${query}`,
      name: record.title,
      name_note: rankOf(ask, record),
      about: [record.department, record.specialty].filter(Boolean).join("·"),
      side: placeOf(ask, record),
      side_state: "",
      mark: "",
      current: record._id === current,
    })),
  }
}

const rankOf = (ask, record) => (record.rank ? labelOf(ask, "doctor", "rank", record.rank) : "")
const placeOf = (ask, record) => (record.place && ask.world.reference(record.place)?.title) || ""
