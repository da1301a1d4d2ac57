-- id: free-text-request
-- class: decision
-- control_point: request
-- part: approved
-- owner: process owner
-- question: Was the access taken from free ticket text and not from a catalogue entitlement?
-- evidence: the fields of the request
-- frameworks: csf:PR.AA-05;csf:GV.RR-02;800-53:AC-5;iso27001:5.18;soc2:CC6.2;soc2:CC6.3;airmf:GOVERN-2.1
SELECT grant_id, CASE WHEN free_text = 1 THEN 'fail' ELSE 'pass' END AS verdict,
  CASE WHEN free_text = 1 THEN ticket || ' was approved at ' || decided_at || ' with no entitlement in its field; ' || entitlement || ' was taken from its free text'
       ELSE ticket || ' asks for ' || decided_entitlement || ' in its field' END AS because,
  decided_at AS failed_at, record_id, json_array(request_record_id) AS records
FROM circumstances WHERE basis = 'ticket' AND decision = 'approved' AND (free_text = 1 OR decided_entitlement IS NOT NULL)
