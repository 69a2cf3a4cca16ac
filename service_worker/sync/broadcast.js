// What every open page of this tablet hears unasked.

const channel = new BroadcastChannel("floorwalk")

/** Send a message {type, …} to every open page of this tablet. */
export function broadcast(message) {
  channel.postMessage(message)
}
