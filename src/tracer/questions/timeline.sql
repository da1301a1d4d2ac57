-- title: Everything that an identity did, and that was done to it
-- question: What happened to this identity, in order of time, and where does it stand? :identity is its id or name.
SELECT ev.at, ev.verb, ev.outcome, ev.system, actor.name AS actor, subject.name AS subject, e.name AS entitlement,
  ev.ticket, ev.rule, ev.reason, v.path AS file, r.ordinal
FROM identities i
CROSS JOIN accounts a ON a.identity_id = i.id
CROSS JOIN events ev ON ev.subject_id = a.id OR ev.actor_id = a.id
LEFT JOIN accounts actor ON actor.id = ev.actor_id
LEFT JOIN accounts subject ON subject.id = ev.subject_id
LEFT JOIN entitlements e ON e.id = ev.entitlement_id
LEFT JOIN records r ON r.id = ev.record_id
LEFT JOIN evidence v ON v.id = r.evidence_id
WHERE i.id = :identity OR lower(i.name) = lower(:identity)
GROUP BY ev.id
ORDER BY ev.at, ev.id
