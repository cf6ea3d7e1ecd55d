// Gateway instances: their heartbeats, and the state each is in judging by the last one.
import type { Statements } from './database.ts'

/** The vendor's states: seen within 30 s, not for longer than that, or than 2 h; or seen, and behind with its configuration. */
export type InstanceStatus = 'Healthy' | 'OutOfSync' | 'LostConnection' | 'Offline'

/** What a heartbeat says, checked. */
export interface Heartbeat {
  readonly instanceId: string
  readonly gatewayGroupId: string
  readonly runId: string
  readonly hostname: string
  readonly ip: string
  readonly version: string
  readonly ports: readonly unknown[]
  readonly cores: number
  readonly controlPlaneRevision: number
}

/** An instance as the Admin API lists it. Times are epoch seconds. */
export interface Instance {
  readonly id: string
  readonly gateway_group_id: string
  readonly hostname: string
  readonly ip: string
  readonly version: string
  readonly ports: readonly unknown[]
  readonly cores: number
  readonly control_plane_revision: number
  readonly created_at: number
  readonly last_heartbeat_time: number
  readonly to_be_deleted_at: number
  readonly status: InstanceStatus
}

/** Notes a heartbeat. The database's clock is the only one: nodes need not agree on the time. */
export const noteHeartbeat = async (database: Statements, beat: Heartbeat): Promise<void> => {
  await database.query(
    `INSERT INTO instances (id, gateway_group_id, run_id, hostname, ip, version, ports, cores, control_plane_revision,
       last_heartbeat_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, now())
     ON CONFLICT (id) DO UPDATE SET gateway_group_id = $2, run_id = $3, hostname = $4, ip = $5, version = $6,
       ports = $7, cores = $8, control_plane_revision = $9, last_heartbeat_at = now()`,
    [
      beat.instanceId,
      beat.gatewayGroupId,
      beat.runId,
      beat.hostname,
      beat.ip,
      beat.version,
      JSON.stringify(beat.ports),
      beat.cores,
      beat.controlPlaneRevision,
    ],
  )
}

/**
 * A group's instances by host name. Those silent for 7 days are gone. One that has reported a revision is out of sync
 * when its group's configuration changed after that, more than 30 s ago: heartbeats arrive, the configuration does not.
 */
export const listInstances = (database: Statements, gatewayGroupId: string): Promise<readonly Instance[]> =>
  database.query<Instance>(
    `SELECT id, gateway_group_id, hostname, ip, version, ports, cores, control_plane_revision,
       floor(extract(epoch FROM created_at))::int8 AS created_at,
       floor(extract(epoch FROM last_heartbeat_at))::int8 AS last_heartbeat_time,
       floor(extract(epoch FROM last_heartbeat_at + interval '7 days'))::int8 AS to_be_deleted_at,
       CASE WHEN now() - last_heartbeat_at > interval '2 hours' THEN 'Offline'
            WHEN now() - last_heartbeat_at > interval '30 seconds' THEN 'LostConnection'
            WHEN control_plane_revision > 0 AND EXISTS (
              SELECT 1 FROM config_event AS event, gateway_groups AS own
              WHERE own.id = gateway_group_id AND event.revision > control_plane_revision
                AND event.key >= convert_to(own.key_prefix || '/', 'UTF8')
                AND event.key < convert_to(own.key_prefix || '0', 'UTF8')
                AND event.at < now() - interval '30 seconds'
            ) THEN 'OutOfSync'
            ELSE 'Healthy' END AS status
     FROM instances
     WHERE gateway_group_id = $1 AND last_heartbeat_at > now() - interval '7 days'
     ORDER BY hostname, id`,
    [gatewayGroupId],
  )

/** Removes the instances that have been silent for 7 days. */
export const removeGone = async (database: Statements): Promise<void> => {
  await database.query("DELETE FROM instances WHERE last_heartbeat_at < now() - interval '7 days'")
}
