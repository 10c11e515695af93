export { checkIdentity } from './check-identity.js';
export { checkNode, CHECK_TIMEOUT_MS } from './check-node.js';
export type { Finding } from './finding.js';
export { dial, grpcOptions, MAX_MESSAGE_BYTES } from './dial.js';
export { ERROR_CODES, NetworkError } from './errors.js';
export type { NetworkErrorCode } from './errors.js';
export { loadNetwork, resolveProfile } from './load-profile.js';
export type { Network, NetworkIdentity, NetworkNode } from './load-profile.js';
export { isLowS, toLowS } from './low-s.js';
export type { SigningCurve } from './low-s.js';
export { nativeSigner } from './native-signer.js';
export type { NativeSigner, Signer } from './native-signer.js';
export type {
    IdentityProfile,
    NetworkProfile,
    OrdererProfile,
    PeerProfile,
    PemSource,
} from './profile.js';
export { validateProfile } from './validate-profile.js';
export { watchSilence } from './watched-channel.js';
export type { Patience } from './watched-channel.js';
export { whyUnreadable } from './why-unreadable.js';
