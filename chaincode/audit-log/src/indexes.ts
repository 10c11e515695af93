import { dirname, join } from 'node:path';
import { defineIndex } from '@goodput/couchdb';

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

const project = dirname(__dirname);

/** The chaincode projects that have the audit log in them, and so its indexes. */
export const folders = [project, join(dirname(project), 'clinical')];
