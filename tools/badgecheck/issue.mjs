// Issues badges with the libraries of others: one for each algorithm, the second of each revoked. Writes
// {jwks, list: {url, token}, cases: [{token, revoked}]} for each.
import {createHash} from 'node:crypto';
import {SignJWT, calculateJwkThumbprint, exportJWK, generateKeyPair} from 'jose';
import {createCredential, createList} from '@digitalbazaar/vc-bitstring-status-list';

const issuer = 'https://academy.example/issuer';
const url = 'https://academy.example/status/1';
const validFrom = '2026-03-01T08:30:00Z';
const validUntil = '2028-03-01T08:30:00Z';
const seconds = instant => Date.parse(instant) / 1000;

async function issue(alg) {
  const {publicKey, privateKey} = await generateKeyPair(alg, {extractable: true, modulusLength: 2048});
  const jwk = await exportJWK(publicKey);
  jwk.kid = await calculateJwkThumbprint(jwk);
  jwk.use = 'sig';
  const sign = (payload, typ) => new SignJWT(payload).setProtectedHeader({alg, kid: jwk.kid, typ}).sign(privateKey);

  const list = await createList({length: 131072});
  list.setStatus(70001, true);
  const status = await createCredential({id: url, list, statusPurpose: 'revocation'});

  const badge = index => ({
    '@context': ['https://www.w3.org/ns/credentials/v2', 'https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json'],
    id: `https://academy.example/credentials/${index}`,
    type: ['VerifiableCredential', 'OpenBadgeCredential'],
    issuer: {id: issuer, type: ['Profile'], name: 'Academy'},
    validFrom, validUntil,
    credentialSubject: {
      id: `urn:person:${index}`,
      type: 'AchievementSubject',
      identifier: [{
        type: 'IdentityObject', hashed: true, identityType: 'emailAddress', salt: 'pepper',
        identityHash: 'sha256$' + createHash('sha256').update('ada@example.compepper').digest('hex'),
      }],
      achievement: {
        id: 'https://academy.example/achievements/1', type: ['Achievement'], name: 'Ingénieure 技術者',
        description: 'Builds networks', criteria: {narrative: 'Passed'},
      },
    },
    credentialStatus: {
      id: `${url}#${index}`, type: 'BitstringStatusListEntry', statusPurpose: 'revocation',
      statusListIndex: String(index), statusListCredential: url,
    },
    iss: issuer, jti: `https://academy.example/credentials/${index}`, sub: `urn:person:${index}`,
    nbf: seconds(validFrom), exp: seconds(validUntil),
  });
  return {
    alg, issuer, jwks: {keys: [jwk]}, list: {url, token: await sign({...status, issuer, validFrom}, 'vc+jwt')},
    cases: [{token: await sign(badge(70000), 'JWT'), revoked: false}, {token: await sign(badge(70001), 'JWT'), revoked: true}],
  };
}

console.log(JSON.stringify(await Promise.all(['EdDSA', 'ES256', 'ES384', 'RS256', 'PS256'].map(issue))));
