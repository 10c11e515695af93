// SPDX-License-Identifier: Apache-2.0
'use strict';

const { Contract } = require('fabric-contract-api');
const { KeyEndorsementPolicy } = require('fabric-shim');

async function collect(iterator) {
    const rows = [];
    for (let each = await iterator.next(); !each.done; each = await iterator.next()) {
        rows.push({ key: each.value.key, value: each.value.value.toString() });
    }
    await iterator.close();
    return rows;
}

function text(bytes) {
    return bytes && bytes.length > 0 ? Buffer.from(bytes).toString() : '';
}

/** One function for each thing a chaincode can ask of its peer. */
class LabContract extends Contract {
    constructor() {
        super('lab');
    }

    async init() {
        return 'ok';
    }

    async put(ctx, key, value) {
        await ctx.stub.putState(key, Buffer.from(value));
    }

    async putN(ctx, prefix, count, value) {
        for (let number = 0; number < Number(count); number++) {
            const key = prefix + String(number).padStart(5, '0');
            await ctx.stub.putState(key, Buffer.from(value));
        }
    }

    async inc(ctx, key) {
        const next = Number(text(await ctx.stub.getState(key)) || '0') + 1;
        await ctx.stub.putState(key, Buffer.from(String(next)));
        return String(next);
    }

    async get(ctx, key) {
        return text(await ctx.stub.getState(key));
    }

    async del(ctx, key) {
        await ctx.stub.deleteState(key);
    }

    async readDel(ctx, key) {
        await ctx.stub.getState(key);
        await ctx.stub.deleteState(key);
    }

    /** Writes, then reads the same key: a transaction does not see what it wrote. */
    async putGet(ctx, key, value) {
        await ctx.stub.putState(key, Buffer.from(value));
        return text(await ctx.stub.getState(key));
    }

    /** Writes a key again and again; only the last value counts. */
    async putTwice(ctx, key, first, second) {
        await ctx.stub.putState(key, Buffer.from(first));
        await ctx.stub.putState(key, Buffer.from(second));
    }

    async copy(ctx, from, to) {
        await ctx.stub.putState(to, Buffer.from(text(await ctx.stub.getState(from))));
    }

    /** Reads keys one after the other. */
    async getAll(ctx, keysJson) {
        const values = [];
        for (const key of JSON.parse(keysJson)) values.push(text(await ctx.stub.getState(key)));
        return JSON.stringify(values);
    }

    async rangeCount(ctx, start, end, outKey) {
        const rows = await collect(await ctx.stub.getStateByRange(start, end));
        if (outKey) await ctx.stub.putState(outKey, Buffer.from(String(rows.length)));
        return String(rows.length);
    }

    async rangeKeys(ctx, start, end) {
        const rows = await collect(await ctx.stub.getStateByRange(start, end));
        return JSON.stringify(rows.map(({ key }) => key));
    }

    /** Reads the first rows of a range only, then writes. */
    async rangeFirst(ctx, start, end, count, outKey) {
        const iterator = await ctx.stub.getStateByRange(start, end);
        const keys = [];
        while (keys.length < Number(count)) {
            const { value, done } = await iterator.next();
            if (value) keys.push(value.key);
            if (done) break;
        }
        await iterator.close();
        if (outKey) await ctx.stub.putState(outKey, Buffer.from(String(keys.length)));
        return JSON.stringify(keys);
    }

    async rangePaged(ctx, start, end, size, bookmark, outKey) {
        const { iterator, metadata } = await ctx.stub.getStateByRangeWithPagination(
            start,
            end,
            Number(size),
            bookmark || '',
        );
        const rows = await collect(iterator);
        if (outKey) await ctx.stub.putState(outKey, Buffer.from(String(rows.length)));
        return JSON.stringify({ rows, metadata });
    }

    async putComposite(ctx, type, partsJson, value) {
        const key = ctx.stub.createCompositeKey(type, JSON.parse(partsJson));
        await ctx.stub.putState(key, Buffer.from(value));
    }

    async listComposite(ctx, type, partsJson, outKey) {
        const parts = JSON.parse(partsJson);
        const rows = await collect(await ctx.stub.getStateByPartialCompositeKey(type, parts));
        if (outKey) await ctx.stub.putState(outKey, Buffer.from(String(rows.length)));
        return JSON.stringify(rows);
    }

    async listCompositePaged(ctx, type, partsJson, size, bookmark) {
        const { iterator, metadata } = await ctx.stub.getStateByPartialCompositeKeyWithPagination(
            type,
            JSON.parse(partsJson),
            Number(size),
            bookmark || '',
        );
        const rows = await collect(iterator);
        const parts = rows.map(({ key }) => ctx.stub.splitCompositeKey(key).attributes);
        return JSON.stringify({ parts, metadata });
    }

    async query(ctx, queryJson, outKey) {
        const rows = await collect(await ctx.stub.getQueryResult(queryJson));
        if (outKey) await ctx.stub.putState(outKey, Buffer.from(String(rows.length)));
        return JSON.stringify(rows);
    }

    async queryPaged(ctx, queryJson, size, bookmark) {
        const { iterator, metadata } = await ctx.stub.getQueryResultWithPagination(
            queryJson,
            Number(size),
            bookmark || '',
        );
        return JSON.stringify({ rows: await collect(iterator), metadata });
    }

    async history(ctx, key) {
        const entries = [];
        const iterator = await ctx.stub.getHistoryForKey(key);
        for (let each = await iterator.next(); !each.done; each = await iterator.next()) {
            const { txId, isDelete, value, timestamp } = each.value;
            entries.push({ txId, isDelete, value: value.toString(), ts: timestamp });
        }
        await iterator.close();
        return JSON.stringify(entries);
    }

    async putPrivate(ctx, collection, key) {
        const value = ctx.stub.getTransient().get('value');
        if (!value) throw new Error('no transient value');
        await ctx.stub.putPrivateData(collection, key, value);
    }

    async getPrivate(ctx, collection, key) {
        return text(await ctx.stub.getPrivateData(collection, key));
    }

    async getPrivateHash(ctx, collection, key) {
        const bytes = await ctx.stub.getPrivateDataHash(collection, key);
        return bytes && bytes.length > 0 ? Buffer.from(bytes).toString('hex') : '';
    }

    async delPrivate(ctx, collection, key) {
        await ctx.stub.deletePrivateData(collection, key);
    }

    async purgePrivate(ctx, collection, key) {
        await ctx.stub.purgePrivateData(collection, key);
    }

    async incPrivate(ctx, collection, key) {
        const next = Number(text(await ctx.stub.getPrivateData(collection, key)) || '0') + 1;
        await ctx.stub.putPrivateData(collection, key, Buffer.from(String(next)));
        return String(next);
    }

    async privateRange(ctx, collection, start, end, outKey) {
        const found = await ctx.stub.getPrivateDataByRange(collection, start, end);
        const rows = await collect(found.iterator ?? found);
        if (outKey) await ctx.stub.putState(outKey, Buffer.from(String(rows.length)));
        return JSON.stringify(rows);
    }

    async setEvent(ctx, name, payload) {
        ctx.stub.setEvent(name, Buffer.from(payload));
        await ctx.stub.putState('ev~' + name, Buffer.from(payload));
    }

    /** Sets an event twice; only the last one counts. */
    async setEvents(ctx, key, first, second) {
        ctx.stub.setEvent(first, Buffer.from('first'));
        ctx.stub.setEvent(second, Buffer.from('second'));
        await ctx.stub.putState(key, Buffer.from('events'));
    }

    async setKeyPolicy(ctx, key, mspsJson) {
        const policy = new KeyEndorsementPolicy();
        policy.addOrgs('MEMBER', ...JSON.parse(mspsJson));
        await ctx.stub.setStateValidationParameter(key, policy.getPolicy());
    }

    async getKeyPolicy(ctx, key) {
        const bytes = await ctx.stub.getStateValidationParameter(key);
        if (!bytes || bytes.length === 0) return '[]';
        return JSON.stringify(new KeyEndorsementPolicy(bytes).listOrgs());
    }

    async setPrivateKeyPolicy(ctx, collection, key, mspsJson) {
        const policy = new KeyEndorsementPolicy();
        policy.addOrgs('MEMBER', ...JSON.parse(mspsJson));
        await ctx.stub.setPrivateDataValidationParameter(collection, key, policy.getPolicy());
    }

    /** Calls another chaincode, on the same channel when none is named. */
    async call(ctx, chaincode, channel, argsJson) {
        const args = JSON.parse(argsJson);
        const response = await ctx.stub.invokeChaincode(chaincode, args, channel);
        if (response.status !== 200) throw new Error(`called: ${response.message}`);
        return text(response.payload);
    }

    /** Writes a key here and another one in the chaincode it calls. */
    async putBoth(ctx, chaincode, key, value) {
        await ctx.stub.putState(key, Buffer.from(value));
        const args = ['put', key, value];
        const response = await ctx.stub.invokeChaincode(chaincode, args, '');
        if (response.status !== 200) throw new Error(`called: ${response.message}`);
    }

    async transient(ctx, name) {
        return text(ctx.stub.getTransient().get(name));
    }

    async fail(ctx, message) {
        throw new Error(message);
    }

    /** Writes before it fails: nothing of it may be left. */
    async putFail(ctx, key) {
        await ctx.stub.putState(key, Buffer.from('written'));
        throw new Error('failed after a write');
    }

    /** Not deterministic: what chaincode must not be. */
    async random(ctx, key) {
        await ctx.stub.putState(key, Buffer.from(String(Math.random())));
    }

    async args(ctx, ...args) {
        return JSON.stringify(args);
    }

    async whoami(ctx) {
        return JSON.stringify({
            msp: ctx.clientIdentity.getMSPID(),
            id: ctx.clientIdentity.getID(),
            tx: ctx.stub.getTxID(),
            channel: ctx.stub.getChannelID(),
            ts: ctx.stub.getTxTimestamp(),
            date: ctx.stub.getDateTimestamp().getTime(),
            binding: ctx.stub.getBinding(),
        });
    }

    async attribute(ctx, name) {
        return ctx.clientIdentity.getAttributeValue(name) ?? '';
    }
}

module.exports.contracts = [LabContract];
