import { exportMsp, writeProfile, type Enrolment } from '@goodput/devnet';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { DEFAULT_PROFILE, openRegistry, type NetworkChoice } from '../identities/open-registry.js';
import type { Register } from '../program.js';
import type { Terminal } from '../terminal.js';

interface EnrollOptions extends NetworkChoice {
    readonly organization?: string;
    readonly role: 'client' | 'admin';
    readonly attribute?: Readonly<Record<string, string>>;
    readonly affiliation?: string;
    readonly expires?: Date;
    readonly key: 'ecdsa' | 'ed25519';
    readonly msp?: string;
}

const example = `
Examples:
  goodput enroll alice                          of the first organisation
  goodput enroll dora --attribute role=doctor --attribute ward=3 --msp dora/msp
  goodput enroll boss --organization Org2MSP --role admin --data ledger`;

function attribute(
    text: string,
    before: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
    const at = text.indexOf('=');
    if (at < 1) throw new InvalidArgumentError('It must be NAME=VALUE.');
    return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

function date(text: string): Date {
    const value = new Date(text);
    if (!Number.isNaN(value.getTime())) return value;
    throw new InvalidArgumentError('It must be a date, as 2031-12-31.');
}

function enrolment(name: string, options: EnrollOptions): Enrolment {
    const { role, attribute: attributes, affiliation, expires, key } = options;
    return {
        name,
        role,
        keyType: key,
        ...(attributes && { attributes }),
        ...(affiliation !== undefined && { ou: affiliation }),
        ...(expires && { notAfter: expires }),
    };
}

async function enroll(name: string, options: EnrollOptions, terminal: Terminal): Promise<void> {
    const { registry, profile } = await openRegistry(options);
    const identity = await registry.enrol(enrolment(name, options), options.organization);
    const { authority, mspId } = registry.organization(options.organization);
    terminal.out(`Enrolled ${name} of ${mspId} as ${options.role}.`);
    if (options.msp !== undefined) {
        await exportMsp(options.msp, authority, identity);
        terminal.out(`  MSP folder: ${options.msp}`);
    }
    if (profile === undefined) return;
    const { identities } = profile;
    const taken = identities.some((each) => each.name === name);
    const added = {
        name: taken ? `${name}@${mspId}` : name,
        mspId,
        certificate: { pem: identity.certificate },
        privateKey: { pem: identity.privateKey },
    };
    await writeProfile(options.profile, { ...profile, identities: [...identities, added] });
    terminal.out(`  network profile: ${options.profile}, as ${added.name}`);
}

async function exportAll(
    folder: string,
    options: NetworkChoice,
    terminal: Terminal,
): Promise<void> {
    const { registry, profile } = await openRegistry(options);
    for (const each of await registry.exportTo(folder, profile)) terminal.out(each);
    if (profile !== undefined) return;
    terminal.say('The network is not running: where its peers are was left out.');
}

function ofNetwork(command: Command): Command {
    return command
        .option('--profile <file>', 'network profile of a running "goodput up"', DEFAULT_PROFILE)
        .option('--data <folder>', 'the folder that "goodput up --data" keeps the network in');
}

/** `goodput enroll NAME` and `goodput export FOLDER` */
export const registerIdentities: Register = (program, terminal) => {
    ofNetwork(program.command('enroll').alias('enrol'))
        .description('enrol a user with an organisation of an embedded network')
        .argument('<name>', 'unique in the organisation')
        .option('--organization <mspId>', 'the first one unless another is named')
        .addOption(
            new Option('--role <role>', 'node OU of the certificate')
                .choices(['client', 'admin'])
                .default('client'),
        )
        .option(
            '--attribute <name=value>',
            'for chaincode to decide on; may be repeated',
            attribute,
        )
        .option('--affiliation <unit>', 'organisational unit beside the role, e.g. department1')
        .option('--expires <date>', 'end of the certificate; in ten years by default', date)
        .addOption(
            new Option('--key <type>', 'of the private key')
                .choices(['ecdsa', 'ed25519'])
                .default('ecdsa'),
        )
        .option(
            '--msp <folder>',
            'write an MSP folder as well, as CORE_PEER_MSPCONFIGPATH wants it',
        )
        .addHelpText('after', example)
        .action((name: string, options: EnrollOptions) => enroll(name, options, terminal));
    ofNetwork(program.command('export'))
        .description(
            "write MSP folders and connection profiles where Fabric's samples look for them",
        )
        .argument('<folder>', 'where "peerOrganizations" is to be')
        .action((folder: string, options: NetworkChoice) => exportAll(folder, options, terminal));
};
