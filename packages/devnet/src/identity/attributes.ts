import type { X509Certificate } from 'node:crypto';
import { DevnetError } from '../errors.js';
import { ATTRIBUTES_OID, extensionOf } from './certificate.js';

/** Attributes of an enrolment: what chaincode reads with `ctx.clientIdentity.getAttributeValue`. */
export type Attributes = Readonly<Record<string, string>>;

/** The content of the attribute extension, in the form a Fabric CA writes it. */
export function attributesJson(attributes: Attributes): string {
    for (const [name, value] of Object.entries(attributes)) {
        if (name === '' || typeof value !== 'string') {
            throw new DevnetError(
                'DEVNET_ENROLMENT_INVALID',
                `An attribute is a non-empty name and a text; got ${JSON.stringify({ [name]: value })}. Write numbers and flags as text.`,
            );
        }
    }
    return JSON.stringify({ attrs: attributes });
}

/** The attributes a certificate carries; none if it has no such extension. */
export function attributesOf(certificate: X509Certificate): Attributes {
    const content = extensionOf(certificate, ATTRIBUTES_OID);
    if (content === undefined) return {};
    return (JSON.parse(content.toString('utf8')) as { attrs?: Attributes }).attrs ?? {};
}
