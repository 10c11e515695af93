import { expect } from 'chai';
import {
    defineDeltaCounterKey,
    defineKey,
    defineKeySpace,
    defineKeySpaces,
    healthcareKeys,
    healthcareSpaces,
    part,
    string,
    uint,
} from './index.js';
import { refusal } from './testing/refusal.test.js';

const id = part('id', string());
const note = defineKey({ name: 'note', layout: 'composite', parts: [id] });
const notes = defineKey({ name: 'notes', layout: 'composite', parts: [id] });
const invoice = defineKey({ name: 'invoice', layout: 'ordered', parts: [id] });

describe('a key space', () => {
    it('refuses keys that a scan would mix up', () => {
        const wider = defineKey({
            name: 'note',
            layout: 'composite',
            parts: [id, part('n', uint())],
        });
        const ordered = defineKey({ name: 'note', layout: 'ordered', parts: [id] });
        for (const other of [wider, ordered, note]) {
            refusal('KEY_SPACE_OVERLAP', () => defineKeySpace({ name: 's', keys: [note, other] }));
        }
        expect(defineKeySpace({ name: 's', keys: [note, notes] }).keys).to.have.length(2);
        refusal('KEY_NAME_INVALID', () => defineKeySpace({ name: ' ', keys: [note] }));
    });

    it('takes companions in', () => {
        const count = defineDeltaCounterKey({ name: 'count', counter: [id] });
        const space = defineKeySpace({ name: 's', keys: [count] });
        expect(space.keys.map(({ name }) => name)).to.deep.equal(['count', 'count.total']);
        const clash = defineKey({ name: 'count.total', layout: 'ordered', parts: [id] });
        refusal('KEY_SPACE_OVERLAP', () => defineKeySpace({ name: 's', keys: [count, clash] }));
    });
});

describe('the key spaces of a namespace', () => {
    const clinical = defineKeySpace({ name: 'clinical', keys: [note] });
    const financial = defineKeySpace({ name: 'financial', keys: [invoice] });
    const audit = defineKeySpace({ name: 'audit', keys: [notes] });
    const spaces = defineKeySpaces({
        spaces: [clinical, financial, audit],
        together: [['audit', 'clinical']],
        foreign: ['config:'],
    });

    it('know whose a key is', () => {
        expect(spaces.spaceOf(note.build({ id: '1' }))).to.equal(clinical);
        expect(spaces.spaceOf(notes.build({ id: '1' }))).to.equal(audit);
        expect(spaces.spaceOf('config:x')).to.equal(undefined);
    });

    it('say which may be written together', () => {
        const keys = [note, notes, invoice].map((key) => key.build({ id: '1' }));
        spaces.checkWrites(keys.slice(0, 2));
        spaces.checkWrites([]);
        const error = refusal('KEY_SPACE_MIXED', () => {
            spaces.checkWrites(keys);
        });
        expect(error.message).to.contain('clinical, audit, financial');
        refusal('KEY_SPACE_UNKNOWN', () => {
            spaces.checkWrites(['config:x']);
        });
        refusal('KEY_SPACE_UNKNOWN', () => spaces.mayWriteTogether(['clinical', 'nowhere']));
    });

    it('refuse overlaps between spaces, with foreign keys, and unknown names', () => {
        const again = defineKeySpace({ name: 'again', keys: [note] });
        refusal('KEY_SPACE_OVERLAP', () => defineKeySpaces({ spaces: [clinical, again] }));
        refusal('KEY_SPACE_OVERLAP', () =>
            defineKeySpaces({ spaces: [financial, { ...audit, name: 'financial' }] }),
        );
        for (const foreign of ['inv', 'invoice\u0001x', '', '\0']) {
            refusal('KEY_SPACE_OVERLAP', () =>
                defineKeySpaces({ spaces: [financial, clinical], foreign: [foreign] }),
            );
        }
        refusal('KEY_SPACE_UNKNOWN', () =>
            defineKeySpaces({ spaces: [clinical], together: [['clinical', 'nowhere']] }),
        );
    });
});

describe('the healthcare key set', () => {
    it('keeps clinical and financial apart, and lets each be audited', () => {
        expect(healthcareSpaces.mayWriteTogether(['clinical', 'financial'])).to.equal(false);
        expect(healthcareSpaces.mayWriteTogether(['clinical', 'consent'])).to.equal(false);
        for (const name of ['clinical', 'financial', 'consent']) {
            expect(healthcareSpaces.mayWriteTogether([name, 'audit'])).to.equal(true);
        }
    });

    it('has every key in a space, and every patient marked', () => {
        const declared = healthcareSpaces.keys.map(({ name }) => name);
        for (const key of Object.values(healthcareKeys)) {
            expect(declared).to.include(key.name);
            for (const each of key.parts) {
                if (['patient', 'account', 'row'].includes(each.name))
                    expect(each.phi).to.equal(true);
            }
        }
    });
});
