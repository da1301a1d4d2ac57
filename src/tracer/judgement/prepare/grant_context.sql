-- One wide row per grant: everything that a check may ask of it, so that a check is one small SELECT.
INSERT INTO circumstances (
  grant_id, system, entitlement, identity, identity_kind, source, granted_at, held_until, is_open, basis,
  rule, rule_version, rule_known, rule_owner, inputs_logged,
  ticket, request_id, decision, requested_at, decided_at, requester_id, beneficiary_id,
  decided_entitlement, decided_scope, decided_expires_at, free_text, fields_mapped, same_entitlement,
  scope, carries_scope, carries_end, delivered_expires_at, expires_at,
  exception, exception_id, named_ticket, role_id, approval, provisioners,
  start_id, start_name, chain_missing, override_event_id, judged_at, maybe_until, unlogged,
  revocation_sla, source_update_sla, verification_window,
  record_id, request_record_id, rule_record_id, role_record_id, exception_record_id, end_record_id)
WITH keyed AS MATERIALIZED (SELECT fold(id) AS folded, * FROM rules),
named AS MATERIALIZED (
  SELECT n.rule AS name, r.* FROM (SELECT DISTINCT rule FROM grants WHERE rule IS NOT NULL) n JOIN keyed r ON r.folded = fold(n.rule)),
excepted AS MATERIALIZED (SELECT fold(id) AS folded, * FROM exceptions)
SELECT g.id, e.system, e.name, g.identity_id, i.kind, v.source, g.first_sign_at,
       CASE g.ended_by WHEN 'snapshot' THEN max(g.first_sign_at, coalesce(g.last_sign_at, '')) ELSE coalesce(g.ended_at, g.judged_at) END,
       g.ended_at IS NULL, g.basis,
       g.rule, coalesce(u.version, g.rule_version), u.id IS NOT NULL, u.owner, v.inputs IS NOT NULL AND v.inputs <> '{}',
       q.ticket, q.id,
       CASE WHEN q.decided_at > g.first_sign_at AND q.approved_at <= g.first_sign_at THEN 'approved' ELSE q.decision END, q.requested_at,
       CASE WHEN q.decided_at > g.first_sign_at AND q.approved_at <= g.first_sign_at THEN q.approved_at ELSE q.decided_at END, q.requester_id, q.beneficiary_id,
       q.entitlement, q.scope, q.expires_at, coalesce(q.free_text, 0),
       q.ticket IS NOT NULL AND (q.entitlement IS NOT NULL OR EXISTS (
         SELECT 1 FROM entries n WHERE n.section = 'tickets' AND fold(n.key) = fold(q.source))),
       CASE WHEN q.entitlement IS NOT NULL
            THEN fold(q.entitlement) = fold(e.name) AND fold(coalesce(q.system, e.system)) = fold(e.system) END,
       g.scope, coalesce(' ' || s.carries || ' ' LIKE '% scope %', 0), coalesce(' ' || s.carries || ' ' LIKE '% end %', 0),
       v.expires_at, coalesce(g.expires_at, CASE WHEN g.basis = 'ticket' AND coalesce(' ' || s.carries || ' ' NOT LIKE '% end %', 1) THEN q.expires_at END),
       g.exception, x.id, g.named_ticket, g.role_id, fold(o.approval), o.provisioners,
       b.identity_id, b.name, g.started_by IS NULL AND v.chain IS NOT NULL, g.override_event_id, g.judged_at, coalesce(g.ended_at, g.judged_at), g.granted_at IS NULL,
       :revocation_sla, :source_update_sla, :verification_window,
       g.record_id, q.record_id, u.record_id, o.record_id, x.record_id, z.record_id
FROM grants g
JOIN entitlements e ON e.id = g.entitlement_id
LEFT JOIN events v ON v.id = g.event_id
LEFT JOIN identities i ON i.id = g.identity_id
LEFT JOIN sources s ON s.name = v.source
LEFT JOIN requests q ON q.id = g.request_id
LEFT JOIN named u ON u.name = g.rule AND u.version = coalesce(g.rule_version, (
  SELECT max(w.version) FROM named w WHERE w.name = g.rule AND coalesce(w.valid_from, '') <= g.first_sign_at
    AND (w.valid_to IS NULL OR g.first_sign_at < w.valid_to)))
LEFT JOIN roles o ON o.id = g.role_id
LEFT JOIN excepted x ON g.exception IS NOT NULL AND x.folded = fold(g.exception)
LEFT JOIN accounts b ON b.id = g.started_by
LEFT JOIN events z ON z.id = g.end_event_id
GROUP BY g.id
