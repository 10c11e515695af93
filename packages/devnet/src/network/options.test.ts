import { expect } from 'chai';
import { DevnetError } from '../errors.js';
import { networkSettings, type NetworkOptions } from './options.js';

describe('the options of a network', () => {
    it('have defaults, by which a lower absolute maximum lowers the preferred one', () => {
        const { organizations, channels, block } = networkSettings({
            organizations: ['Org-MSP'],
            block: { absoluteMaxBytes: 1000 },
        });
        expect(organizations).to.deep.equal([
            { mspId: 'Org-MSP', domain: 'org.example.com', peers: 1, users: ['user1'] },
        ]);
        expect(channels).to.deep.equal(['mychannel']);
        expect(block).to.include({ absoluteMaxBytes: 1000, preferredMaxBytes: 1000 });
    });

    const organization = (members: object): object => ({
        organizations: [{ mspId: 'A', ...members }],
    });
    // Whoever writes JavaScript or JSON can give anything.
    const wrong: readonly [string, unknown, string][] = [
        [
            'an unknown option',
            { blocks: {} },
            'A network has no member "blocks"; it has name, channels',
        ],
        ['no channel', { channels: [] }, 'channels must be a list of at least one'],
        ['a channel twice', { channels: ['a', 'a'] }, 'given twice'],
        ['a channel’s name in capitals', { channels: ['A'] }, 'lower-case letters'],
        [
            'an organisation without peers',
            { organizations: [{ mspId: 'A', peers: 0 }] },
            'A: peers must be a whole number of at least 1; got 0',
        ],
        ['another database', { stateDatabase: 'mysql' }, '"leveldb" or "couchdb"'],
        ['no organisation', { organizations: [] }, 'a list of at least one'],
        ['an organisation twice', { organizations: ['A', 'A'] }, 'given twice; got "A"'],
        [
            'an organisation named as the ordering service’s',
            { organizations: ['OrdererMSP'] },
            'given twice; got "OrdererMSP"',
        ],
        [
            'two organisations of one domain',
            {
                organizations: [
                    { mspId: 'A', domain: 'x.org' },
                    { mspId: 'B', domain: 'x.org' },
                ],
            },
            'given twice; got "x.org"',
        ],
        [
            'a user twice',
            { organizations: [{ mspId: 'A', users: ['u', 'u'] }] },
            'the users of A must be a list without a name given twice',
        ],
        [
            'an unknown member of an organisation',
            { organizations: [{ mspId: 'A', peer: 2 }] },
            'An organisation has no member "peer"; it has mspId, domain, peers, users.',
        ],
        ['a port out of range', { ports: [70_000] }, 'from 0 to 65535; got 70000'],
        ['a port twice', { ports: [7051, 7051] }, 'given twice; got "7051"'],
        ['more ports than nodes', { ports: [0, 0, 0] }, 'at most 2, one a peer'],
        [
            'an unknown limit',
            { limits: { gatway: 1 } },
            'limits has no member "gatway"; it has gateway',
        ],
        ['a limit of nothing', { limits: { gateway: 0 } }, 'limits.gateway must be a whole number'],
        [
            'a timeout of nothing',
            { executeTimeoutMs: 0 },
            'executeTimeoutMs must be a whole number',
        ],
        [
            'a timeout no timer takes',
            { startTimeoutMs: 2 ** 31 },
            'startTimeoutMs must be a whole number',
        ],
        [
            'a CouchDB for the rules of LevelDB',
            { couchdbUrl: 'http://localhost:5984' },
            'stateDatabase must be "couchdb" where a couchdbUrl is given',
        ],
        ['no object', 5, 'must be an object; got 5'],
        ['null', null, 'must be an object; got null'],
        ['a list', [], 'must be an object; got []'],
        ['a name that is none', { name: '' }, 'name must be a text that is not empty'],
        ['a channel without its list', { channels: 'a' }, 'a list of at least one name; got "a"'],
        ['null for channels', { channels: null }, 'a list of at least one name; got null'],
        ['a channel that is no text', { channels: [5] }, 'channels must be names of'],
        ['an organisation without its list', { organizations: 'A' }, 'a list of at least one'],
        ['an organisation that is none', { organizations: [5] }, 'a list of at least one'],
        ['an organisation without a name', { organizations: [{}] }, 'the mspId of each must be of'],
        ['a domain that is none', organization({ domain: '' }), 'A: domain must be a domain'],
        ['a domain with spaces', organization({ domain: 'a b' }), 'A: domain must be a domain'],
        ['a path for a domain', organization({ domain: '../x' }), 'A: domain must be a domain'],
        ['a domain no host can have', { organizations: ['A'.repeat(250)] }, 'at most 200'],
        ['a user without a list', organization({ users: 'bob' }), 'A: users must be a list'],
        ['a user that is no text', organization({ users: [5] }), 'A: users must be a list'],
        ['block settings that are none', { block: 5 }, 'block must be an object of settings'],
        ['null for block settings', { block: null }, 'block must be an object of settings'],
        [
            'more bytes than a configuration can say',
            { block: { absoluteMaxBytes: 1e12 } },
            'block.absoluteMaxBytes must be a whole number from 1 to 4294967295',
        ],
        [
            'a preferred size above the absolute one',
            { block: { preferredMaxBytes: 20, absoluteMaxBytes: 10 } },
            'block.preferredMaxBytes must be no more than absoluteMaxBytes, which is 10; got 20',
        ],
        [
            'a URL that is none',
            { stateDatabase: 'couchdb', couchdbUrl: 'localhost' },
            'couchdbUrl must be a URL that begins with http',
        ],
        ['a folder without a name', { dataDirectory: '' }, 'dataDirectory must be the path'],
        ['a log that is no function', { log: 'x' }, 'log must be a function; got "x"'],
        ['limits that are none', { limits: null }, 'limits must be an object'],
        ['ports without their list', { ports: 7051 }, 'ports must be a list of numbers'],
        ['TLS by another word', { tls: 'no' }, 'tls must be true or false; got "no"'],
        ['a clock that is none', { clock: '2030' }, 'clock must be a function'],
        ['a clock without a time', { clock: () => new Date(NaN) }, 'that returns a valid Date'],
    ];
    for (const [what, options, message] of wrong) {
        it(`cannot be ${what}`, () => {
            expect(() => networkSettings(options as NetworkOptions))
                .to.throw(DevnetError, message)
                .with.property('code', 'DEVNET_OPTION_INVALID');
        });
    }

    const malformed: readonly Readonly<Record<string, unknown>>[] = [
        { name: 5 },
        { channels: 'mychannel' },
        { channels: [5] },
        { organizations: 'Org1MSP' },
        { organizations: {} },
        { organizations: [null] },
        { organizations: [{}] },
        { organizations: [{ mspId: 'A', users: 'ann' }] },
        { organizations: [{ mspId: 'A', users: [5] }] },
        { organizations: [{ mspId: 'A', domain: 5 }] },
        { block: 5 },
        { block: null },
        { limits: [] },
        { dataDirectory: 5 },
        { ports: { peer: 7051 } },
        { ports: null },
        { tls: 'yes' },
    ];
    for (const options of malformed) {
        it(`are refused with what was got where they are ${JSON.stringify(options)}`, () => {
            const [name] = Object.keys(options);
            expect(() => networkSettings(options))
                .to.throw(DevnetError, new RegExp(`^${name}.* must be .*; got`))
                .with.property('code', 'DEVNET_OPTION_INVALID');
        });
    }
});
