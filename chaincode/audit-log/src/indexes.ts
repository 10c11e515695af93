import { dirname, join } from 'node:path';
import { richAuditQuery, type AuditQuery } from '@goodput/contracts';
import { defineIndex, type JsonObject } from '@goodput/couchdb';

/** The CouchDB indexes of the audit log: one for each way `richQuery` looks for events. */
export const indexes = [
    defineIndex({ name: 'auditByTime', fields: ['tenant', 'at'] }),
    defineIndex({ name: 'auditByPatient', fields: ['tenant', 'patient', 'at'] }),
    defineIndex({
        name: 'auditByResource',
        fields: ['tenant', 'resource.type', 'resource.id', 'at'],
    }),
    defineIndex({ name: 'auditByGlass', fields: ['tenant', 'breakGlass', 'at'] }),
    defineIndex({ name: 'auditByActor', fields: ['tenant', 'actor', 'at'] }),
    defineIndex({ name: 'auditByOutcome', fields: ['tenant', 'outcome', 'at'] }),
];

const window = { tenant: 'default', from: 0, to: 1 };
const ways: AuditQuery[] = [
    window,
    { ...window, patient: 'p1' },
    { ...window, resource: { type: 'note', id: 'n1' } },
    { ...window, breakGlass: true },
    { ...window, actor: 'a1' },
    { ...window, outcome: 'deny' },
];

/** A query of each shape the contract makes, which no tool could read from these sources. */
export const queries = ways.map((each) => ({ query: { ...richAuditQuery(each) } as JsonObject }));

const project = dirname(__dirname);

/** The chaincode projects that have the audit log in them, and so its indexes. */
export const folders = [project, join(dirname(project), 'clinical')];
