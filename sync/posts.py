"""The posts that people hold, and groups of posts with the same rights."""

from sync.words import _

POSTS: tuple[tuple[str, str], ...] = (
    ("guide", _("Guide")),
    ("guide_supervisor", _("Guide supervisor")),
    ("cs_agent", _("Customer service agent")),
    ("cs_supervisor", _("Customer service supervisor")),
    ("cs_manager", _("Customer service manager")),
    ("ops_dept", _("Operations department")),
    ("medical_affairs", _("Medical affairs")),
    ("nursing_dept", _("Nursing department")),
    ("deputy_director", _("Deputy director")),
    ("gm", _("General manager")),
    ("hr", _("Human resources")),
    ("admin", _("Administrator")),
)

FLOOR = ("guide", "guide_supervisor", "cs_agent", "cs_supervisor", "cs_manager")
TEACHERS = ("hr", "cs_manager")  # who answers for courses, trainings and assessments
DESK = ("cs_agent", "cs_supervisor", "cs_manager")
# Who stands above whom: the way on which a notice climbs past an empty post.
ABOVE = {
    "guide": "guide_supervisor",
    "guide_supervisor": "cs_manager",
    "cs_agent": "cs_supervisor",
    "cs_supervisor": "cs_manager",
    "cs_manager": "deputy_director",
    "ops_dept": "deputy_director",
    "medical_affairs": "deputy_director",
    "nursing_dept": "deputy_director",
    "hr": "deputy_director",
    "deputy_director": "gm",
}
# Who is told where there is nobody above either: rather an administrator than nobody.
TOP = ("gm", "deputy_director", "cs_manager", "cs_supervisor", "guide_supervisor", "admin")
DECIDERS = ("guide_supervisor", "cs_supervisor", "cs_manager")  # who decides open questions
# Who looks after accounts, the security log and erasure; by this post alone nobody sees a patient.
SECURITY = ("admin",)
OFFICE = (
    "guide_supervisor",
    "cs_agent",
    "cs_supervisor",
    "cs_manager",
    "ops_dept",
    "medical_affairs",
    "nursing_dept",
    "deputy_director",
    "gm",
    "hr",
    "admin",
)  # posts that may open the back office
SYSTEM = ("system",)  # acts that only the server makes
ADMINS = ("cs_manager", "admin")
