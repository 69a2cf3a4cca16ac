"""The numbers of the book of knowledge: articles, receipts, meetings, tasks, documents."""

from __future__ import annotations

from sync.declared_setting import Setting, deadline
from sync.words import _

KNOWLEDGE = (
    deadline("inquiry.warn_after", "min", _("A question has no answer: warn"), "Q-10", 480),
    deadline("inquiry.reply_within", "min", _("Answer a question"), "Q-10", 480),
    deadline("inquiry.manager_after", "min", _("No answer: tell the manager"), "Q-10", 1_440),
    deadline("article.warn_before", "cd", _("An article ends: tell before"), "KB-07", 90),
    deadline("article.verify_every", "mon", _("Verify an article"), "KB-02", 24),
    deadline("article.review_every", "mon", _("Look a regulation over"), "DC-03", 60),
    deadline(
        "article.review_manager_after", "wk", _("Not looked over: tell the manager"), "DC-03", 26
    ),
    deadline("receipt.within", "WD", _("Read what must be known"), "KB-05", 60),
    deadline("receipt.warn_before", "cd", _("Not read yet: tell before"), "KB-05", 30),
    deadline("announcement.before", "cd", _("Announce an activity before it"), "N-05", 30),
    deadline("task.default_limit", "WD", _("A task without a day"), "L-M", 60),
    deadline("task.remind_before", "cd", _("Remind of a task before its day"), "MT-03", 30),
    deadline("task.manager_after", "WD", _("Task not done: tell the manager"), "MT-03", 60),
    deadline("task.top_after", "WD", _("Unsolved: tell who solves what stays"), "L-M", 60),
    Setting("meeting.morning", "hour", _("When the morning meeting begins"), "MT-01", 0, 1_439),
    Setting("meeting.weekly_at", "hour", _("When weekly meetings begin"), "MT-03", 0, 1_439),
    Setting("meeting.group_day", "n", _("Weekday of the group's meeting, from 1"), "MT-03", 1, 7),
    Setting("meeting.department_day", "n", _("Weekday of the department's"), "MT-04", 1, 7),
    Setting("meeting.coordination_day", "n", _("Weekday of the coordination"), "MT-02", 1, 7),
    Setting("meeting.recorded_by", "hour", _("Meetings written down by"), "MT-01", 1, 1_440),
    deadline("meeting.minutes_within", "WD", _("Finish the minutes"), "MT-07", 30),
    deadline("meeting.manager_after", "WD", _("Missing meeting: tell the manager"), "MT-02", 30),
    Setting("document.daily_by", "hour", _("Records of the day written by"), "DC-05", 1, 1_440),
    deadline("document.manager_after", "WD", _("No record of the day: the manager"), "DC-05", 30),
    deadline("document.return_after", "cd", _("Bring a document back"), "DC-04", 365),
    deadline("document.keeper_after", "cd", _("Not back: tell who keeps it"), "DC-04", 90),
    deadline("memo.answer_within", "WD", _("Answer a memo"), "MT-03", 60),
    deadline("memo.again_after", "WD", _("Memo without an answer: tell again"), "MT-03", 60),
)
