"""Every command of the five documents, read by a person: its line, how it begins, and what it can do."""

from __future__ import annotations

from typing import NamedTuple


class Line(NamedTuple):
    """A command: the line on which it begins, its first words there, and its risk."""

    line: int
    begins: str
    risk: str


R, C, D, I = "read-only", "changing", "destructive", "interactive"  # noqa: E741  # as short as the list wants them

COMMANDS: dict[str, tuple[Line, ...]] = {
    "incident-response-process.md": (
        Line(5, "kubectl set env deployment/payment-service -n payments USE_FALLBACK_PROCESSOR=true", C),
        Line(12, "kubectl describe deployment payment-service -n payments", R),
        Line(15, "kubectl rollout undo deployment/payment-service -n payments", C),
    ),
    "order-service-playbook.md": (
        Line(30, "kubectl get pods -l app=order-service", R),
        Line(31, "kubectl logs -l app=order-service --tail=100", R),
        Line(36, "kubectl exec -it order-service-xxx -- nc -zv tickettoken-postgres 5432", R),
        Line(39, "kubectl exec -it order-service-xxx -- nc -zv tickettoken-redis 6379", R),
        Line(42, "kubectl exec -it order-service-xxx -- nc -zv tickettoken-rabbitmq 5672", R),
        Line(48, "kubectl rollout undo deployment/order-service", C),
        Line(52, "kubectl exec -it tickettoken-postgres-0 -- psql -U postgres -c", R),
        Line(56, "kubectl delete pod -l app=order-service", D),
        Line(72, "kubectl logs -l app=order-service --tail=500 | grep -i", R),
        Line(76, "SELECT * FROM webhook_events", R),
        Line(86, "SELECT id, status, created_at, stripe_payment_intent_id", R),
        Line(93, "curl http://payment-service:3006/health", R),
        Line(107, "kubectl set env deployment/order-service ORDERS_PAUSED=true", C),
        Line(111, "SELECT user_id, COUNT(*) as order_count, SUM(total_cents) as total", R),
        Line(136, "kubectl top pods -l app=order-service", R),
        Line(140, "SELECT pid, now() - pg_stat_activity.query_start AS duration, query", R),
        Line(148, "kubectl scale deployment/order-service --replicas=4", C),
        Line(152, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity", C),
    ),
    "payment-incident-management.md": (),
    "payment-service-runbook.md": (
        Line(31, "kubectl get pods -n production -l app=payment-service", R),
        Line(34, "kubectl logs -n production -l app=payment-service --tail=100", R),
        Line(37, "kubectl get svc -n production payment-service", R),
        Line(58, "kubectl rollout history deployment/payment-service -n production", R),
        Line(59, "kubectl rollout undo deployment/payment-service -n production", C),
        Line(60, "kubectl describe pod <pod-name> -n production", R),
        Line(65, "kubectl delete pods -n production -l app=payment-service", D),
        Line(67, "kubectl scale deployment payment-service --replicas=5 -n production", C),
        Line(72, "kubectl get pods -n database -l app=postgresql", R),
        Line(74, "kubectl get networkpolicies -n production", R),
        Line(112, "kubectl rollout history deployment/payment-service -n production", R),
        Line(117, "kubectl rollout undo deployment/payment-service -n production", C),
        Line(122, "kubectl rollout status deployment/payment-service -n production", R),
        Line(130, "kubectl get deployment payment-service -n production", R),
        Line(135, "kubectl scale deployment payment-service --replicas=8 -n production", C),
        Line(143, "kubectl edit configmap payment-service-config -n production", C),
        Line(148, "kubectl rollout restart deployment/payment-service -n production", C),
        Line(224, "kubectl get pods -n production -l app=payment-service", R),
        Line(227, "kubectl logs -f deployment/payment-service -n production", I),
        Line(230, "kubectl describe deployment payment-service -n production", R),
        Line(233, "kubectl get events -n production --sort-by='.lastTimestamp'", R),
        Line(239, "kubectl exec -it postgresql-0 -n database -- psql -U postgres -c", R),
        Line(242, "kubectl exec -it postgresql-0 -n database -- psql -U postgres -c", R),
        Line(248, "kubectl port-forward svc/payment-service-metrics 8080:8080 -n production", I),
        Line(251, "kubectl exec -it deployment/payment-service -n production -- curl localhost:15000/stats", R),
    ),
    "production-incident-response-plan.md": (
        Line(104, "curl -I https://your-domain.vercel.app/api/health", R),
        Line(105, "vercel logs --app your-app-name --since 10m", R),
        Line(106, 'psql "$DATABASE_URL" -c "SELECT COUNT(*) FROM events', R),
        Line(121, "vercel env add WEBHOOK_PROCESSING_ENABLED false", C),
        Line(124, "curl https://your-domain.vercel.app/api/health/webhooks", R),
        Line(127, "curl -X POST https://your-domain.vercel.app/api/webhooks/whop", C),
        Line(135, "vercel cron pause", C),
        Line(138, "curl -X POST https://your-domain.vercel.app/api/scheduler/reminders", C),
        Line(142, 'psql "$DATABASE_URL" -c "SELECT COUNT(*) FROM job_queue', R),
        Line(148, 'psql "$DATABASE_URL" -c "SELECT 1;"', R),
        Line(151, 'psql "$DATABASE_URL" -c "SELECT * FROM pg_stat_activity;"', R),
        Line(154, "vercel env add READ_ONLY_MODE true", C),
        Line(202, "vercel env add NOTIFICATIONS_ENABLED false", C),
        Line(203, "vercel env add SCHEDULER_ENABLED false", C),
        Line(204, "vercel env add WEBHOOK_PROCESSING_ENABLED false", C),
        Line(207, "vercel env add ROLLBACK_MODE true", C),
        Line(227, "vercel env add WEBHOOK_PROCESSING_ENABLED true", C),
        Line(228, "sleep 300", R),
        Line(230, "vercel env add SCHEDULER_ENABLED true", C),
        Line(231, "sleep 300", R),
        Line(233, "vercel env add NOTIFICATIONS_ENABLED true", C),
        Line(234, "sleep 300", R),
        Line(237, "vercel env add ROLLBACK_MODE false", C),
        Line(265, "#!/bin/bash", R),
        Line(307, "vercel logs --app your-app-name --since 1h | grep ERROR", R),
        Line(311, "vercel logs --app your-app-name --since 1h |", R),
        Line(334, "curl https://your-domain.vercel.app/api/health/webhooks", R),
        Line(337, "vercel logs --app your-app-name --since 30m | grep webhook", R),
        Line(340, 'psql "$DATABASE_URL" -c "', R),
        Line(351, "vercel env add WEBHOOK_PROCESSING_ENABLED false", C),
        Line(368, "curl -X GET https://your-domain.vercel.app/api/scheduler/reminders", R),
        Line(371, "curl -X POST https://your-domain.vercel.app/api/scheduler/reminders", C),
        Line(375, 'psql "$DATABASE_URL" -c "', R),
        Line(402, 'psql "$DATABASE_URL" -c "', R),
        Line(409, 'psql "$DATABASE_URL" -c "', R),
        Line(417, 'psql "$DATABASE_URL" -c "', R),
        Line(444, "curl -s https://api.pushservice.com/status", R),
        Line(445, "curl -s https://api.dmservice.com/health", R),
        Line(448, "vercel logs --app your-app-name --since 1h | grep -i", R),
        Line(451, 'curl -H "Authorization: Bearer $PUSH_API_KEY"', R),
    ),
}
