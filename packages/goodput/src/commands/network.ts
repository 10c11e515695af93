import { checkIdentity, checkNode, loadNetwork, type Finding } from '@goodput/network';
import { CommandError } from '../errors.js';
import type { Register } from '../program.js';
import { checkChannel } from '../network-check/check-channel.js';

function line({ subject, ok, message, fix }: Finding): string {
    return `${ok ? '✓' : '✗'} ${subject}: ${message}${fix === undefined ? '' : `\n    ${fix}`}`;
}

async function findingsOf(file: string): Promise<Finding[]> {
    const network = loadNetwork(file);
    const identities = network.identities.flatMap((identity) => checkIdentity(identity));
    const nodes = await Promise.all([...network.peers, ...network.orderers].map(checkNode));
    const findings = [...identities, ...nodes];
    // Asking a peer that cannot be reached would only repeat what is already known.
    const canAsk = identities[0]?.ok === true && nodes[0]?.ok === true;
    return canAsk ? [...findings, ...(await checkChannel(network))] : findings;
}

const example = `
Example:
  goodput network check .goodput/devnet.json`;

/** `goodput network check PROFILE` */
export const registerNetwork: Register = (program, terminal) => {
    const network = program.command('network').description('look after network profiles');
    network
        .command('check')
        .description('say in plain words whether a network profile works, and if not why')
        .argument('<profile>', 'the network profile, a JSON file')
        .option('--json', 'print the findings as JSON')
        .addHelpText('after', example)
        .action(async (file: string, options: { json?: boolean }) => {
            const findings = await findingsOf(file);
            if (options.json === true) terminal.out(JSON.stringify(findings, null, 2));
            else for (const finding of findings) terminal.out(line(finding));
            const wrong = findings.filter(({ ok }) => !ok).length;
            if (wrong === 0) return;
            throw new CommandError(
                'COMMAND_CHECK_FAILED',
                `${wrong} of ${findings.length} checks failed for ${file}.`,
            );
        });
};
