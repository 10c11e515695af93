import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import type { Finding } from './finding.js';
import type { NetworkNode } from './load-profile.js';

/** How long one connection attempt may take, in milliseconds. */
export const CHECK_TIMEOUT_MS = 5000;

interface Diagnosis {
    readonly message: string;
    readonly fix: string;
}

const diagnoses: Readonly<Record<string, Diagnosis>> = {
    ECONNREFUSED: {
        message: 'nothing listens there',
        fix: 'Start the node, or correct the port of "endpoint".',
    },
    ENOTFOUND: {
        message: 'the host name is not known here',
        fix: 'Correct the host of "endpoint", or add it to DNS or the hosts file.',
    },
    ETIMEDOUT: {
        message: `no answer within ${CHECK_TIMEOUT_MS / 1000} s`,
        fix: 'Check the address, and that no firewall is in between.',
    },
    ERR_TLS_CERT_ALTNAME_INVALID: {
        message: 'its TLS certificate is for another host name',
        fix: 'Set "hostOverride" to the name in the certificate.',
    },
    CERT_HAS_EXPIRED: {
        message: 'its TLS certificate has expired',
        fix: 'Renew the node’s TLS certificate.',
    },
    CERT_NOT_YET_VALID: {
        message: 'its TLS certificate is not valid yet',
        fix: "Check this machine's clock against the network's.",
    },
    ECONNRESET: {
        message: 'it closed the connection during the TLS handshake',
        fix: 'If the node runs without TLS, leave out "tlsRootCert"; if it asks for client certificates, it cannot be reached by this profile.',
    },
    ERR_SSL_WRONG_VERSION_NUMBER: {
        message: 'it does not speak TLS',
        fix: 'If the node runs without TLS, leave out "tlsRootCert".',
    },
};

const untrusted: Diagnosis = {
    message: 'its TLS certificate does not chain to the root certificate of the profile',
    fix: 'Point "tlsRootCert" at the TLS CA certificate (tlscacerts/) of the node’s organisation.',
};

function diagnose(error: NodeJS.ErrnoException): Diagnosis {
    const code = error.code ?? '';
    const chain = /SELF_SIGNED|UNABLE_TO|ISSUER/.test(code);
    return (
        diagnoses[code] ??
        (chain ? untrusted : { message: error.message, fix: 'Check endpoint and certificates.' })
    );
}

function handshake(node: NetworkNode, host: string, port: number): Promise<TLSSocket> {
    return new Promise((resolve, reject) => {
        const name = node.hostOverride ?? host;
        const socket = connect({
            host,
            port,
            ca: node.tlsRootCert,
            ALPNProtocols: ['h2'],
            timeout: CHECK_TIMEOUT_MS,
            // Server name indication is for names; an address there is an error.
            ...(isIP(name) === 0 ? { servername: name } : {}),
        });
        socket.once('secureConnect', () => {
            resolve(socket);
        });
        socket.once('timeout', () => {
            socket.destroy(Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' }));
        });
        socket.once('error', reject);
    });
}

/** Whether a node can be reached and its TLS certificate trusted, in plain words. */
export async function checkNode(node: NetworkNode): Promise<Finding> {
    const subject = `${node.name} at ${node.endpoint}`;
    if (node.tlsRootCert === undefined) {
        return { subject, ok: true, message: 'plain text: no "tlsRootCert" in the profile' };
    }
    const colon = node.endpoint.lastIndexOf(':');
    const host = node.endpoint.slice(0, colon).replace(/^\[|\]$/g, '');
    try {
        const socket = await handshake(node, host, Number(node.endpoint.slice(colon + 1)));
        const until = socket.getPeerCertificate().valid_to;
        socket.destroy();
        return { subject, ok: true, message: `reached; TLS certificate valid until ${until}` };
    } catch (error) {
        return { subject, ok: false, ...diagnose(error as NodeJS.ErrnoException) };
    }
}
