// The skill of benches/skill on Amazon's SDK: `/` verifies its requests, `/unverified` does not. Prints its port when it listens.
// Arguments: a file with root and chain as JSON.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { standIn } from './loopback.mjs';

const require = createRequire(import.meta.url);
const { root, chain } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
standIn(root, () => ({ status: 200, chain }));

const Alexa = require('ask-sdk-core');
const { ExpressAdapter } = require('ask-sdk-express-adapter');
const express = require('express');

const Hello = {
    canHandle: ({ requestEnvelope }) => Alexa.getRequestType(requestEnvelope) === 'LaunchRequest',
    handle: ({ responseBuilder }) =>
        responseBuilder.speak('Hello! Tell me your favorite color.').reprompt('What is it?').getResponse(),
};
const Color = {
    canHandle: ({ requestEnvelope }) =>
        Alexa.getRequestType(requestEnvelope) === 'IntentRequest' && Alexa.getIntentName(requestEnvelope) === 'ColorIntent',
    handle({ requestEnvelope, attributesManager, responseBuilder }) {
        const color = Alexa.getSlotValue(requestEnvelope, 'Color') ?? 'no color';
        attributesManager.setSessionAttributes({ ...attributesManager.getSessionAttributes(), color });
        const words = `Your favorite color is ${color}.`;
        return responseBuilder.speak(words).reprompt('Anything else?').withSimpleCard('Color', words).getResponse();
    },
};
const skill = Alexa.SkillBuilders.custom()
    .withSkillId('amzn1.ask.skill.00000000-0000-4000-8000-000000000000')
    .addRequestHandlers(Hello, Color)
    .create();

const app = express();
app.post('/', new ExpressAdapter(skill, true, true).getRequestHandlers());
app.post('/unverified', new ExpressAdapter(skill, false, false).getRequestHandlers());
const server = app.listen(0, '127.0.0.1', () => console.log(server.address().port));
