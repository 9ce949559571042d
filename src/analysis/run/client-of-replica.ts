/** The client of a replica's name: `chat` of `chat/3`; empty for a client without a name. */
export function clientOfReplica(replica: string | undefined): string {
  return replica?.includes('/') ? replica.slice(0, replica.lastIndexOf('/')) : '';
}
