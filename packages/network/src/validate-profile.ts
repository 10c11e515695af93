import { NetworkError } from './errors.js';
import type { NetworkProfile } from './profile.js';

type Members = Record<string, unknown>;

function refuse(where: string, expected: string, got: unknown): never {
    const shown = got === undefined ? 'nothing' : JSON.stringify(got);
    // A private key given in the wrong place must not end up in a message.
    const safe = shown.includes('PRIVATE KEY') ? '(a private key, not shown)' : shown.slice(0, 80);
    throw new NetworkError(
        'NETWORK_PROFILE_INVALID',
        `The network profile's ${where} must be ${expected}; got ${safe}.`,
    );
}

function object(where: string, value: unknown): Members {
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
        return value as Members;
    return refuse(where, 'an object', value);
}

function text(where: string, value: unknown): void {
    if (typeof value !== 'string' || value.trim() === '')
        refuse(where, 'a non-empty string', value);
}

function onlyKnown(where: string, value: Members, known: readonly string[]): void {
    const unknown = Object.keys(value).find((member) => !known.includes(member));
    if (unknown === undefined) return;
    refuse(where, `made of ${known.join(', ')} only`, { [unknown]: '…' });
}

function list(where: string, value: unknown, check: (where: string, item: unknown) => void): void {
    if (!Array.isArray(value) || value.length === 0) refuse(where, 'a list of at least one', value);
    value.forEach((item, index) => {
        check(`${where}[${index}]`, item);
    });
    const names = value.map((item) => (item as Members)['name']);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) refuse(where, 'a list without a name given twice', twice);
}

function pemSource(where: string, value: unknown): void {
    const source = object(where, value);
    onlyKnown(where, source, ['pem', 'path']);
    if ((source['pem'] === undefined) === (source['path'] === undefined)) {
        refuse(where, 'either {"pem": text} or {"path": file}', Object.keys(source));
    }
    text(where, source['pem'] ?? source['path']);
}

function node(where: string, value: unknown): void {
    const peer = object(where, value);
    onlyKnown(where, peer, ['name', 'mspId', 'endpoint', 'tlsRootCert', 'hostOverride']);
    text(`${where}.name`, peer['name']);
    text(`${where}.mspId`, peer['mspId']);
    const endpoint = peer['endpoint'];
    if (typeof endpoint !== 'string' || !/^[^\s/]+:\d{1,5}$/.test(endpoint)) {
        refuse(`${where}.endpoint`, '"host:port" without a scheme', endpoint);
    }
    if (peer['tlsRootCert'] !== undefined) pemSource(`${where}.tlsRootCert`, peer['tlsRootCert']);
    if (peer['hostOverride'] !== undefined) text(`${where}.hostOverride`, peer['hostOverride']);
}

function identity(where: string, value: unknown): void {
    const person = object(where, value);
    onlyKnown(where, person, ['name', 'mspId', 'certificate', 'privateKey']);
    text(`${where}.name`, person['name']);
    text(`${where}.mspId`, person['mspId']);
    pemSource(`${where}.certificate`, person['certificate']);
    pemSource(`${where}.privateKey`, person['privateKey']);
}

function chaincodes(value: unknown): void {
    for (const [purpose, name] of Object.entries(object('chaincodes', value))) {
        text(`chaincodes.${purpose}`, name);
    }
}

/** Returns `value` as a profile, or throws `NETWORK_PROFILE_INVALID` naming the first wrong member. */
export function validateProfile(value: unknown): NetworkProfile {
    const profile = object('outermost value', value);
    const known = ['name', 'channel', 'peers', 'orderers', 'identities', 'chaincodes', 'couchdb'];
    onlyKnown('outermost value', profile, known);
    text('name', profile['name']);
    text('channel', profile['channel']);
    list('peers', profile['peers'], node);
    if (profile['orderers'] !== undefined) list('orderers', profile['orderers'], node);
    list('identities', profile['identities'], identity);
    if (profile['chaincodes'] !== undefined) chaincodes(profile['chaincodes']);
    if (profile['couchdb'] !== undefined) {
        const couchdb = object('couchdb', profile['couchdb']);
        onlyKnown('couchdb', couchdb, ['url']);
        if (typeof couchdb['url'] !== 'string' || !URL.canParse(couchdb['url'])) {
            refuse(
                'couchdb.url',
                'a URL',
                couchdb['url'] === undefined ? undefined : '(not a URL)',
            );
        }
    }
    return value as NetworkProfile;
}
